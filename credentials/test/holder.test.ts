import { describe, expect, test } from 'vitest'
import {
  checkBatch,
  copyDates,
  issueSdJwtVc,
  makeProof,
  openHolder,
  parseSdJwt,
  presentCopy,
  type TakenCopy,
  WEEK_SECONDS,
} from '../src/index.ts'
import { signJws } from '../src/jose/jws.ts'
import {
  COUNCIL,
  countRows,
  cryptography,
  fetchCopies,
  found,
  HOME,
  memoryStore,
  newWorld,
  proofHeader,
  random,
  receive,
  takeUp,
  type World,
} from './actors.ts'

const newKey = () => cryptography.generateKeyPair('ES256')
const DAY = 24 * 60 * 60 * 1000

describe('Alice’s phone', () => {
  test('gives each copy out once, also to verifiers who ask at the same moment, and then says that none is left', async () => {
    const world = await newWorld()
    const { id } = found(await receive(world, 3)).credential
    const takes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, number) => world.phone.takeCopy(id, { verifier: `v${number}` })),
    )
    const taken = takes.flatMap((take) => (take.status === 'fulfilled' ? [take.value] : []))
    expect(new Set(taken.map(({ token }) => token)).size).toBe(3)
    expect(taken).toHaveLength(3)
    expect(await world.phone.countFresh(id)).toBe(0)
    await expect(world.phone.takeCopy(id, { verifier: 'v99' })).rejects.toMatchObject({
      code: 'ERR_NO_FRESH_COPY',
    })
  })

  test('shows a copy again only when told to, and then the one that this verifier saw', async () => {
    const world = await newWorld()
    const { id } = found(await receive(world, 2)).credential
    await world.phone.takeCopy(id, { verifier: 'bank' })
    const landlord = await world.phone.takeCopy(id, { verifier: 'landlord' })
    expect(landlord.isReused).toBe(false)
    const again = await world.phone.takeCopy(id, { verifier: 'landlord', allowReuse: true })
    expect(again).toMatchObject({ token: landlord.token, isReused: true })
  })

  test('presents a copy of an earlier version, which did not keep where its disclosures lie', async () => {
    const world = await newWorld()
    const { id } = found(await receive(world, 1)).credential
    const { places, ...copy } = await world.phone.takeCopy(id, { verifier: 'bank' })
    const draft = { disclose: [['address', 'locality']], audience: 'a', nonce: 'n', issuedAt: 1 }
    const shownBy = async (taken: TakenCopy) =>
      (await presentCopy({ cryptography }, taken, draft)).split('~').slice(0, -1)
    expect(places).not.toHaveLength(0)
    expect(await shownBy(copy)).toEqual(await shownBy({ ...copy, ...(places && { places }) }))
  })

  test('looking again at what a landlord would see uses up no other copy', async () => {
    const world = await newWorld()
    const { id } = found(await receive(world, 3)).credential
    const use = { verifier: 'landlord', allowReuse: true }
    const [first, second] = [await world.phone.takeCopy(id, use), await world.phone.takeCopy(id, use)]
    expect([first.isReused, second.isReused]).toEqual([false, true])
    expect(second.token).toBe(first.token)
    expect(await world.phone.countFresh(id)).toBe(2)
  })

  test('never shows one verifier the copy that another one saw', async () => {
    const world = await newWorld()
    const { id } = found(await receive(world, 1)).credential
    await world.phone.takeCopy(id, { verifier: 'bank' })
    await expect(world.phone.takeCopy(id, { verifier: 'landlord', allowReuse: true })).rejects.toMatchObject({
      code: 'ERR_NO_FRESH_COPY',
    })
  })

  test('has its copies byte for byte as they were issued, also the one that was shown', async () => {
    const world = await newWorld()
    const { id } = found(await receive(world, 3)).credential
    const other = found(await receive(world, 1)).credential
    const shown = await world.phone.takeCopy(id, { verifier: 'bank' })
    const copies = await Array.fromAsync(world.phone.copies(id))
    expect(new Set(copies).size).toBe(3)
    expect(copies).toContain(shown.token)
    const [another = ''] = await Array.fromAsync(world.phone.copies(other.id))
    expect(copies).not.toContain(another)
    for (const copy of [...copies, another])
      expect(parseSdJwt(cryptography, copy).claims['iss']).toBe(COUNCIL)
    expect(await Array.fromAsync(world.phone.copies('nothing'))).toEqual([])
  })

  test('remembers after a restart what it showed', async () => {
    const world = await newWorld()
    const { id } = found(await receive(world, 1)).credential
    await world.phone.takeCopy(id, { verifier: 'bank' })
    const phone = openHolder({
      cryptography,
      random,
      clock: world.clock,
      store: world.phoneStore,
      held: world.held,
    })
    expect(await phone.countFresh(id)).toBe(0)
  })

  test('counts no copy that has expired, and renews with the grant that the vault synced', async () => {
    const world = await newWorld()
    const { credential } = found(await receive(world, 2))
    world.clock.time += 15 * DAY
    expect(await world.phone.countFresh(credential.id)).toBe(0)
    await expect(
      world.phone.takeCopy(credential.id, { verifier: 'bank', allowReuse: true }),
    ).rejects.toMatchObject({ code: 'ERR_NO_FRESH_COPY' })
    const { refreshToken } = credential.grant
    const { response } = found(
      await world.council.token({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    )
    const renewed = found(await fetchCopies(world, { count: 4, response, credential: credential.id }))
    expect(renewed.credential).toEqual(credential)
    expect(await world.phone.countFresh(credential.id)).toBe(4)
  })

  test('and her laptop each have copies of their own of one credential', async () => {
    const world = await newWorld()
    const { credential } = found(await receive(world, 2))
    const laptop = openHolder({
      cryptography,
      random,
      clock: world.clock,
      store: await memoryStore(),
      held: world.held,
    })
    expect(await laptop.countFresh(credential.id)).toBe(0)
    const grant = { grant_type: 'refresh_token', refresh_token: credential.grant.refreshToken }
    const { response } = found(await world.council.token(grant))
    found(await fetchCopies({ ...world, phone: laptop }, { count: 3, response, credential: credential.id }))
    expect([await laptop.countFresh(credential.id), await world.phone.countFresh(credential.id)]).toEqual([
      3, 2,
    ])
    expect(await world.held.list()).toHaveLength(1)
  })

  test('keeps no copy of a batch in which one is forged, for a foreign key, twice there, or recognisable', async () => {
    const world = await newWorld()
    const { phone, council, councilKey } = world
    const { response } = await takeUp(world)
    const batch = await phone.beginBatch(2)
    const jwt = await phone.proofs(batch, { audience: COUNCIL, nonce: council.nonce().c_nonce })
    const request = { credential_configuration_id: 'proof-of-address', proofs: { jwt } }
    const issued = found(await council.credential(request, response.access_token))
    const [first, second] = issued.response.credentials.map(({ credential }) => credential) as [
      string,
      string,
    ]
    const foreign = await receiveToken(world)
    const signer = cryptography.signer(councilKey)
    const resign = (token: string, change: object) => {
      const { header, payload } = parseSdJwt(cryptography, token)
      const [, ...rest] = token.split('~')
      return signJws(signer, header, { ...payload, ...change }).then((jws) => [jws, ...rest].join('~'))
    }
    const dates = parseSdJwt(cryptography, second).claims as { iat: number; exp: number }
    const grant = { issuer: COUNCIL, configurationId: 'proof-of-address', refreshToken: 'r' }
    const accept = async (...tokens: string[]) => {
      const outcome = await phone.acceptBatch(batch, { tokens, issuerKey: councilKey.publicKey, grant })
      return outcome.ok ? ['accepted'] : outcome.problems.map(({ code }) => code)
    }
    const twin = [second.split('~')[0], ...first.split('~').slice(1)].join('~')
    expect(await accept(first, foreign)).toContain('copy_key')
    expect(await accept(first, first)).toContain('copy_key')
    expect(await accept(first)).toContain('copy_missing')
    expect(await accept(first, second, foreign)).toContain('copy_missing')
    expect(await accept(first, second.slice(0, 40) + second.slice(41))).not.toEqual(['accepted'])
    expect(await accept(first, twin)).not.toEqual(['accepted'])
    expect(await accept(first, await resign(second, { iat: dates.iat + 1 }))).toContain('copy_dates')
    expect(await accept(first, await resign(second, { exp: dates.exp + WEEK_SECONDS }))).toContain(
      'copy_dates',
    )
    expect(await accept(first, await resign(second, { tracker: 7 }))).toContain('copy_differs')
    expect(await accept(first, await resign(second, { iss: 'did:web:evil.example' }))).toContain(
      'copy_issuer',
    )
    expect(await phone.countFresh(batch)).toBe(0)
    expect(await world.held.list()).toEqual([])
    expect(await accept(first, second)).toEqual(['accepted'])
    await expect(accept(first, second)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })

  test('refuses a batch in which salts repeat, or which has more digests in one copy than in another', async () => {
    const { clock } = await newWorld()
    const signer = cryptography.signer(newKey())
    const keys = [newKey().publicKey, newKey().publicKey]
    const dates = copyDates(clock)
    const issue = (number: number, decoys: number, source = random) =>
      issueSdJwtVc(
        { cryptography, random: source, signer },
        {
          payload: {
            iss: COUNCIL,
            vct: 'v',
            ...dates,
            cnf: { jwk: proofHeader(keys[number] as never).jwk },
            a: 1,
          },
          disclosable: [['a']],
          decoys,
        },
      )
    const check = async (...tokens: Promise<string>[]) => {
      const expected = { issuer: COUNCIL, issuerKey: signer.publicKey, keys }
      const outcome = checkBatch({ cryptography, clock }, await Promise.all(tokens), expected)
      return outcome.ok ? ['accepted'] : outcome.problems.map(({ code }) => code)
    }
    const stuck = (length: number) => new Uint8Array(length)
    expect(await check(issue(0, 0), issue(1, 0))).toEqual(['accepted'])
    expect(await check(issue(0, 0, stuck), issue(1, 0, stuck))).toEqual(['copy_salt'])
    expect(await check(issue(0, 1), issue(1, 2))).toEqual(['copy_differs'])
  })

  test('asks before a renewal certifies something else', async () => {
    const world = await newWorld()
    const { credential } = found(await receive(world, 1))
    const { response } = await takeUp(world, { ...HOME, family_name: 'Baker' })
    expect(await fetchCopies(world, { count: 1, response, credential: credential.id })).toMatchObject({
      problems: [{ code: 'claims_changed' }],
    })
  })

  test('forgets expired copies and keys whose answer was lost, when the next batch comes', async () => {
    const world = await newWorld()
    const rows = (table: string) => countRows(world.phoneStore, table)
    const { credential } = found(await receive(world, 2))
    await world.phone.beginBatch(1)
    expect([await rows('holder.batches'), await rows('holder.copies')]).toEqual([1, 2])
    world.clock.time += 15 * DAY
    const grant = { grant_type: 'refresh_token', refresh_token: credential.grant.refreshToken }
    const { response } = found(await world.council.token(grant))
    found(await fetchCopies(world, { count: 3, response, credential: credential.id }))
    expect([await rows('holder.batches'), await rows('holder.copies')]).toEqual([0, 3])
  })

  test('makes 1 to 32 keys at a time', async () => {
    const { phone } = await newWorld()
    for (const count of [0, 33, 1.5]) {
      await expect(phone.beginBatch(count)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    }
    await expect(phone.proofs('none', { audience: COUNCIL, nonce: 'n' })).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
    })
  })
})

/** A good copy of another holder. */
async function receiveToken(world: World): Promise<string> {
  const { response } = await takeUp(world)
  const at = Math.floor(world.clock.time / 1000)
  const nonce = world.council.nonce().c_nonce
  const proof = await makeProof(cryptography.signer(newKey()), { audience: COUNCIL, nonce, at })
  const request = { credential_configuration_id: 'proof-of-address', proofs: { jwt: [proof] } }
  const issued = found(await world.council.credential(request, response.access_token))
  return issued.response.credentials[0]?.credential ?? ''
}
