// A landlord asks for town and postcode; the person narrows the terms and shares; both ledgers hold the same contract.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOrganisation, createVault } from 'muniment'

const folder = await mkdtemp(join(tmpdir(), 'muniment-example-'))
const readJson = async (path) => JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8'))
const listen = ['/ip4/127.0.0.1/tcp/0']

try {
  const council = await createOrganisation({ folder: join(folder, 'council'), name: 'Ville de Lyon' })
  const landlord = await createOrganisation({ folder: join(folder, 'landlord'), name: 'Home Lettings' })
  await Promise.all([council.start({ listen }), landlord.start({ listen })])
  const phone = await createVault({ folder: join(folder, 'phone'), name: 'Phone' })
  const claims = await readJson('../02-issue-address/address.json')
  const offer = await council.offerCredential({ template: 'proof-of-address', claims })
  await phone.receive(offer.link)

  const { link } = await landlord.request({ terms: await readJson('terms.json'), issuers: [council.did] })
  const { id, who, words } = await phone.openRequest(link)
  console.log(`${who} asks. ${words.offer.purpose}`)

  // Leave out since when she lives there, and let them keep it for 30 days, not 90.
  const narrowing = { without: [{ credential: 'address', claim: 'since' }], keptDays: 30 }
  const preview = await phone.preview(id, { narrowing })
  for (const { path, value } of preview.leaving) console.log(`  would leave: ${path.join('.')} =`, value)

  const shared = await phone.share(id, preview.hash)
  assert.ok(shared.ok, JSON.stringify(shared))
  console.log(`The landlord countersigned contract ${shared.contract}.`)

  for await (const received of landlord.received()) {
    assert.equal(received.contractHash, shared.contract)
    assert.equal(received.contract.terms.kept.days, 30)
    const seen = JSON.stringify(received.claims)
    assert.ok(seen.includes('69003') && !seen.includes('Lilas') && !seen.includes('2021-04-01'))
    console.log('The landlord has:', seen)
  }
  assert.ok((await phone.verifyLedgers()).ok && (await landlord.verifyLedgers()).ok)
  await Promise.all([council.close(), landlord.close(), phone.close()])
} finally {
  await rm(folder, { recursive: true, force: true })
}
