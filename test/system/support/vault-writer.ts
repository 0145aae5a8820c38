import { openSync, writeSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createVault, joinVault, openVault } from 'muniment'
import { statementOf, STATEMENT_LINES } from './written-statements.ts'

/**
 * Lives with a vault: notes, imports, syncs with a phone, closes and opens it; and notes each acknowledgement in a file
 * beside it: `note N`, `import N`, `phone N`. Run under strace, whose record is then replayed.
 */
const [, , root = '', rounds = '0'] = process.argv
const LISTEN = ['/ip4/127.0.0.1/tcp/0']
const NOTES = 6

const acknowledgements = openSync(`${root}.ack`, 'w')
const acknowledge = (what: string): void => void writeSync(acknowledgements, `${what}\n`)
const folder = join(root, 'laptop')
const phoneFolder = join(dirname(root), 'phone')

let laptop = await createVault({ folder, name: 'Laptop' })
await laptop.goOnline({ listen: LISTEN })
const invited = Promise.withResolvers<string>()
const pairing = laptop.invite({
  onInvitation: ({ link }) => invited.resolve(link),
  confirmWords: async () => true,
})
const phone = await joinVault({
  folder: phoneFolder,
  name: 'Phone',
  invitation: await invited.promise,
  confirmWords: async () => true,
})
await pairing
await phone.goOnline({ listen: LISTEN })

for (let round = 0; round < Number(rounds); round++) {
  for (let note = round * NOTES; note < (round + 1) * NOTES; note++) {
    await laptop.note(`note ${note}`, { text: 'x'.repeat((note * 997) % 20_000) })
    acknowledge(`note ${note}`)
  }
  const file = join(dirname(root), `statement-${round}.ofx`)
  await writeFile(file, statementOf(round))
  const { imported } = await laptop.import(file)
  if (imported !== STATEMENT_LINES) throw new Error(`${imported} lines of ${STATEMENT_LINES} were imported`)
  acknowledge(`import ${round}`)
  await phone.note(`phone ${round}`)
  while ((await laptop.search(`phone ${round}`)).every(({ title }) => title !== `phone ${round}`))
    await laptop.syncOnce()
  acknowledge(`phone ${round}`)
  if (round % 2 === 1) {
    await laptop.close()
    laptop = await openVault({ folder })
    await laptop.goOnline({ listen: LISTEN })
  }
}
process.exit(0)
