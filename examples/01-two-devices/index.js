// A laptop imports a bank statement, a phone joins its vault, and what one writes the other has.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createVault, joinVault } from 'muniment'

const folder = await mkdtemp(join(tmpdir(), 'muniment-example-'))
const statement = fileURLToPath(new URL('../statement.ofx', import.meta.url))
const listen = ['/ip4/127.0.0.1/tcp/0']

try {
  const laptop = await createVault({ folder: join(folder, 'laptop'), name: 'Laptop' })
  const report = await laptop.import(statement)
  console.log(`The laptop imported ${report.imported} records:`, report.total)
  await laptop.goOnline({ listen })

  // A person reads the words from both screens and says whether they are the same. Here both sides tell each other.
  const shown = { laptop: Promise.withResolvers(), phone: Promise.withResolvers() }
  const compare = (mine, theirs) => async (words) => {
    mine.resolve(words.join(' '))
    return words.join(' ') === (await theirs.promise)
  }
  const invited = Promise.withResolvers()
  const pairing = laptop.invite({
    onInvitation: invited.resolve,
    confirmWords: compare(shown.laptop, shown.phone),
  })
  const { link, code } = await invited.promise
  console.log(`It shows the code ${code}, and a link with the same invitation.`)
  const phone = await joinVault({
    folder: join(folder, 'phone'),
    name: 'Phone',
    invitation: link,
    confirmWords: compare(shown.phone, shown.laptop),
  })
  console.log(`${(await pairing).name} has joined: both showed "${await shown.phone.promise}".`)
  assert.equal(await phone.count(), report.imported)

  await phone.goOnline({ listen })
  const arrived = Promise.withResolvers()
  const look = async () => {
    const found = await laptop.search('insurance')
    if (found.length > 0) arrived.resolve(found[0])
  }
  laptop.observe(() => void look())
  await phone.note('Car insurance', { renewal: '2027-01-31' })
  const { title, fields } = await arrived.promise
  console.log(`The phone wrote "${title}", and the laptop has it:`, fields)
  await Promise.all([laptop.close(), phone.close()])
} finally {
  await rm(folder, { recursive: true, force: true })
}
