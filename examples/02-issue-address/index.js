// A council certifies where somebody lives; the person's phone holds single-use copies of it.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOrganisation, createVault } from 'muniment'

const folder = await mkdtemp(join(tmpdir(), 'muniment-example-'))
const claims = JSON.parse(await readFile(new URL('address.json', import.meta.url), 'utf8'))

try {
  const council = await createOrganisation({ folder: join(folder, 'council'), name: 'Ville de Lyon' })
  await council.start({ listen: ['/ip4/127.0.0.1/tcp/0'] })
  const phone = await createVault({ folder: join(folder, 'phone'), name: 'Phone' })

  // The code goes to the person another way than the link: by letter, or across the counter.
  const { link, txCode } = await council.offerCredential({
    template: 'proof-of-address',
    claims,
    withTxCode: true,
  })
  console.log(`The council gives out a link of ${link.length} characters and the code ${txCode}.`)

  const credential = await phone.receive(link, { txCode })
  console.log(
    `The phone holds ${credential.freshCopies} copies of ${credential.vct}, from ${credential.issuer}.`,
  )
  console.log('It says:', credential.claims)
  assert.equal(credential.issuer, council.did)
  assert.ok(credential.freshCopies > 1)

  await assert.rejects(phone.receive(link, { txCode }))
  console.log('The link does not work a second time.')
  await Promise.all([council.close(), phone.close()])
} finally {
  await rm(folder, { recursive: true, force: true })
}
