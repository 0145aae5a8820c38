import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { incomeAtLeast } from '@muniment/credentials'
import {
  createOrganisation,
  createVault,
  joinVault,
  openVault,
  type Organisation,
  type PersonVault,
} from 'muniment'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ADDRESS_CLAIMS, INCOME_CLAIMS, tenancyRequest } from '../../node/src/demo/tenancy.ts'

const LOOPBACK = ['/ip4/127.0.0.1/tcp/0']
const passphrase = 'correct horse battery staple'
let root: string
let open: { close(): Promise<void> }[]

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'muniment-scenario-'))
  open = []
})
afterEach(async () => {
  await Promise.all(open.map((each) => each.close()))
  await rm(root, { recursive: true })
})

function kept<T extends { close(): Promise<void> }>(each: T): T {
  open.push(each)
  return each
}

async function organisation(name: string): Promise<Organisation> {
  const made = kept(await createOrganisation({ folder: join(root, name), passphrase, name }))
  await made.start({ listen: LOOPBACK })
  return made
}

async function laptopAndPhone(): Promise<readonly [PersonVault, PersonVault]> {
  const laptop = kept(await createVault({ folder: join(root, 'laptop'), passphrase, name: 'Laptop' }))
  await laptop.goOnline({ listen: LOOPBACK })
  const shown = Promise.withResolvers<string>()
  const inviting = laptop.invite({
    onInvitation: ({ link }) => shown.resolve(link),
    confirmWords: async () => true,
  })
  const phone = kept(
    await joinVault({
      folder: join(root, 'phone'),
      passphrase,
      name: 'Phone',
      invitation: await shown.promise,
      confirmWords: async () => true,
    }),
  )
  await inviting
  return [laptop, phone]
}

async function certified(ana: PersonVault): Promise<readonly string[]> {
  const [council, employer] = [await organisation('Council'), await organisation('Employer')]
  const income = { ...INCOME_CLAIMS, income_at_least: incomeAtLeast(INCOME_CLAIMS.annual_income) }
  const offers = [
    await council.offerCredential({ template: 'proof-of-address', claims: ADDRESS_CLAIMS }),
    await employer.offerCredential({ template: 'proof-of-income', claims: income }),
  ]
  for (const { link } of offers) await ana.receive(link)
  return [council.did, employer.did]
}

it('edits of one field on two devices that were apart are both kept, until Ana settles them', async () => {
  const [laptop, phone] = await laptopAndPhone()
  const id = await laptop.note('Flat', { rent: '900' })
  await phone.goOnline({ listen: LOOPBACK })
  await phone.syncOnce()
  await phone.goOffline()
  await laptop.edit(id, { fields: { rent: '920' } })
  await phone.edit(id, { fields: { rent: '950', floor: '3' } })
  await phone.goOnline({ listen: LOOPBACK })
  await phone.syncOnce()
  const record = await phone.record(id)
  expect(record?.fields['floor']).toBe('3')
  const [conflict] = record?.conflicts ?? []
  expect(conflict?.values.map(({ value }) => value)).toEqual(expect.arrayContaining(['920', '950']))
  await phone.settle(id, { fields: { rent: '920' } })
  expect((await phone.record(id))?.conflicts).toBeUndefined()
})

it('a landlord and Ana hold the same narrowed contract, and he never sees her street', async () => {
  const ana = kept(await createVault({ folder: join(root, 'ana'), passphrase, name: 'Phone' }))
  const issuers = await certified(ana)
  const landlord = await organisation('Landlord')
  const { link } = await landlord.request(tenancyRequest(issuers))
  const request = await ana.openRequest(link)
  const preview = await ana.preview(request.id, {
    narrowing: { keptDays: 30, without: [{ credential: 'address', claim: 'since' }] },
  })
  const shared = await ana.share(request.id, preview.hash)
  expect(shared).toMatchObject({ ok: true, contract: preview.contractHash })
  const received = (await Array.fromAsync(landlord.received())).find(({ id }) => id === request.id)
  expect(received).toMatchObject({ state: 'in force', contractHash: preview.contractHash })
  expect(received?.contract?.terms.kept.days).toBe(30)
  expect(JSON.stringify(received?.claims)).not.toMatch(/Lilas|2021-04-01|33480/u)
  expect(await ana.verifyLedgers()).toMatchObject({ ok: true })
  expect(await landlord.verifyLedgers()).toMatchObject({ ok: true })
})

it('sends only what was previewed: another hash is refused and nothing leaves', async () => {
  const ana = kept(await createVault({ folder: join(root, 'ana'), passphrase, name: 'Phone' }))
  const issuers = await certified(ana)
  const landlord = await organisation('Landlord')
  const { link } = await landlord.request(tenancyRequest(issuers))
  const { id } = await ana.openRequest(link)
  await ana.preview(id)
  await expect(ana.share(id, 'x'.repeat(43))).rejects.toMatchObject({ code: 'ERR_REFUSED' })
  expect((await Array.fromAsync(landlord.received())).map(({ state }) => state)).toEqual(['offered'])
})

it('a request that Ana cannot meet can only be declined, and the landlord learns nothing else', async () => {
  const ana = kept(await createVault({ folder: join(root, 'ana'), passphrase, name: 'Phone' }))
  const landlord = await organisation('Landlord')
  const { link } = await landlord.request(tenancyRequest([landlord.did]))
  const { id, problems } = await ana.openRequest(link)
  expect(problems.map(({ code }) => code)).toContain('no_matching_credential')
  await expect(ana.preview(id)).rejects.toMatchObject({ code: 'ERR_NO_MATCHING_CREDENTIAL' })
  expect(await ana.decline(id)).toMatchObject({ ok: true })
  expect((await Array.fromAsync(landlord.received())).map(({ state }) => state)).toEqual(['declined'])
})

it('an answer approved while the landlord was away is delivered later, after a restart', async () => {
  const folder = join(root, 'ana')
  const ana = await createVault({ folder, passphrase, name: 'Phone' })
  const issuers = await certified(ana)
  const first = await createOrganisation({ folder: join(root, 'away'), passphrase, name: 'Landlord' })
  const [address = ''] = await first.start({ listen: LOOPBACK })
  const { link } = await first.request(tenancyRequest(issuers))
  const { id } = await ana.openRequest(link)
  const preview = await ana.preview(id)
  await first.close()
  await expect(ana.share(id, preview.hash)).rejects.toMatchObject({ code: 'ERR_UNREACHABLE' })
  expect((await ana.shares()).map(({ state }) => state)).toEqual(['approved'])
  expect(await ana.resumeShares()).toMatchObject([{ ok: false, problems: [{ code: 'unreachable' }] }])
  await ana.close()
  const { openOrganisation } = await import('muniment')
  const back = kept(await openOrganisation({ folder: join(root, 'away'), passphrase }))
  expect(await back.start()).toContain(address)
  const again = kept(await openVault({ folder, passphrase }))
  expect(await again.inbox()).toMatchObject([{ id, state: 'open' }])
  expect(await again.resumeShares()).toMatchObject([{ ok: true, contract: preview.contractHash }])
  expect(await again.inbox()).toMatchObject([{ id, state: 'shared' }])
  expect((await again.shares()).map(({ state }) => state)).toEqual(['in force'])
})
