import { keyPairFromSeed } from '@muniment/identity'
import { describe, expect, test } from 'vitest'
import {
  COPY_LIFETIME_SECONDS,
  errorResponse,
  incomeAtLeast,
  INCOME_THRESHOLDS,
  issuerMetadata,
  makeProof,
  MAX_BATCH,
  openIssuer,
  parseCredentialOffer,
  parseSdJwt,
  PRE_AUTHORIZED_CODE,
  TEMPLATES,
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
  newWorld,
  proofHeader,
  random,
  receive,
  takeUp,
  type World,
} from './actors.ts'

const newKey = () => cryptography.generateKeyPair('ES256')
const DAY = 24 * 60 * 60 * 1000

/** What a council answers to proofs for these keys. */
async function askWith(world: World, jwt: readonly string[], accessToken: string, type = 'proof-of-address') {
  const outcome = await world.council.credential(
    { credential_configuration_id: type, proofs: { jwt } },
    accessToken,
  )
  return outcome.ok ? 'issued' : errorResponse(outcome.problems).error
}

describe('Alice gets a proof of address from the council', () => {
  test('as single-use copies, each with a key and salts of its own and nothing else that differs', async () => {
    const world = await newWorld()
    const { credential, copies } = found(await receive(world, 5))
    expect(copies).toBe(5)
    expect(credential).toMatchObject({ issuer: COUNCIL, vct: TEMPLATES[0]?.vct, claims: HOME })
    expect(await world.phone.countFresh(credential.id)).toBe(5)
    const taken = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((verifier) => world.phone.takeCopy(credential.id, { verifier })),
    )
    const tokens = taken.map(({ token }) => parseSdJwt(cryptography, token))
    expect(new Set(tokens.map(({ holderKey }) => JSON.stringify(holderKey))).size).toBe(5)
    const salts = tokens.flatMap(({ disclosures }) => disclosures.map(({ salt }) => salt))
    expect(new Set(salts).size).toBe(salts.length)
    expect(new Set(tokens.map(({ claims }) => JSON.stringify([claims['iat'], claims['exp']]))).size).toBe(1)
  })

  test('whose dates are rounded to the week and which lives at least one week and at most two', async () => {
    const world = await newWorld()
    for (const days of [0, 1, 3, 6.99, 7]) {
      world.clock.time += days * DAY
      const { credential } = found(await receive(world, 1))
      const { token } = await world.phone.takeCopy(credential.id, { verifier: 'x' })
      const { iat, exp } = parseSdJwt(cryptography, token).claims as { iat: number; exp: number }
      expect([iat % WEEK_SECONDS, exp % WEEK_SECONDS]).toEqual([0, 0])
      expect(exp - world.clock.time / 1000).toBeLessThanOrEqual(COPY_LIFETIME_SECONDS)
      expect(exp - world.clock.time / 1000).toBeGreaterThan(WEEK_SECONDS - 1)
    }
  })

  test('of which every line can be kept back', async () => {
    const world = await newWorld()
    const { credential } = found(await receive(world, 1))
    const { token } = await world.phone.takeCopy(credential.id, { verifier: 'x' })
    expect(JSON.stringify(parseSdJwt(cryptography, token).payload)).not.toContain('Leeds')
    expect(parseSdJwt(cryptography, `${token.split('~')[0]}~`).claims).toMatchObject({ address: {} })
  })

  test('once for each offer, and not after it lapsed', async () => {
    const world = await newWorld()
    const { request } = await takeUp(world)
    expect(await world.council.token(request)).toMatchObject({ problems: [{ code: 'invalid_grant' }] })
    const { offer } = await world.council.offer({ template: 'proof-of-address', claims: HOME })
    const late = {
      ...request,
      'pre-authorized_code': offer.grants[PRE_AUTHORIZED_CODE]['pre-authorized_code'],
    }
    world.clock.time += 15 * DAY
    expect(await world.council.token(late)).toMatchObject({ problems: [{ code: 'invalid_grant' }] })
  })

  test('once, also when two devices take the offer up at the same moment', async () => {
    const world = await newWorld()
    const { offer } = await world.council.offer({ template: 'proof-of-address', claims: HOME })
    const code = offer.grants[PRE_AUTHORIZED_CODE]['pre-authorized_code']
    const request = { grant_type: PRE_AUTHORIZED_CODE, 'pre-authorized_code': code }
    const answers = await Promise.all(Array.from({ length: 20 }, () => world.council.token(request)))
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
  })

  test('with a code that came by letter, and whoever guesses burns the offer', async () => {
    const world = await newWorld()
    const make = async () => {
      const { offer, txCode } = await world.council.offer({
        template: 'proof-of-address',
        claims: HOME,
        withTxCode: true,
      })
      expect(parseCredentialOffer(JSON.parse(JSON.stringify(offer)))).toEqual(offer)
      expect(txCode).toMatch(/^\d{6}$/)
      const code = offer.grants[PRE_AUTHORIZED_CODE]['pre-authorized_code']
      const ask = (tx_code?: string) =>
        world.council.token({
          grant_type: PRE_AUTHORIZED_CODE,
          'pre-authorized_code': code,
          ...(tx_code && { tx_code }),
        })
      return { ask, txCode: txCode ?? '' }
    }
    const mine = await make()
    expect((await mine.ask()).ok).toBe(false)
    expect((await mine.ask(mine.txCode)).ok).toBe(true)
    const burnt = await make()
    const wrong = burnt.txCode === '000000' ? '000001' : '000000'
    for (let guess = 0; guess < 3; guess++) expect((await burnt.ask(wrong)).ok).toBe(false)
    expect((await burnt.ask(burnt.txCode)).ok).toBe(false)
  })

  test('and the council still knows all of it after a restart', async () => {
    const world = await newWorld()
    const { response, request } = await takeUp(world)
    const signer = cryptography.signer(world.councilKey)
    const council = await openIssuer(
      { cryptography, random, clock: world.clock, store: world.councilStore, signer },
      { issuer: COUNCIL },
    )
    expect((await council.token(request)).ok).toBe(false)
    expect((await fetchCopies({ ...world, council }, { count: 2, response })).ok).toBe(true)
  })
})

test('the council forgets what has lapsed when it opens again, but not which keys got a copy', async () => {
  const world = await newWorld()
  await receive(world, 2)
  await world.council.offer({ template: 'proof-of-address', claims: HOME })
  const rows = async () =>
    Promise.all(
      ['grants', 'codes', 'access', 'refresh', 'copies'].map((table) =>
        countRows(world.councilStore, `issuer.${table}`),
      ),
    )
  const signer = cryptography.signer(world.councilKey)
  const reopen = () =>
    openIssuer(
      { cryptography, random, clock: world.clock, store: world.councilStore, signer },
      { issuer: COUNCIL },
    )
  await reopen()
  expect(await rows()).toEqual([2, 1, 1, 1, 2])
  world.clock.time += 15 * DAY
  await reopen()
  expect(await rows()).toEqual([2, 0, 0, 1, 2])
  world.clock.time += 400 * DAY
  await reopen()
  expect(await rows()).toEqual([0, 0, 0, 0, 2])
})

describe('the council refuses', () => {
  test('proofs that are for another issuer, of another type, old, early, unsigned or without their key', async () => {
    const world = await newWorld()
    const { response } = await takeUp(world)
    const at = Math.floor(world.clock.time / 1000)
    const nonce = world.council.nonce().c_nonce
    const key = newKey()
    const signer = cryptography.signer(key)
    const header = proofHeader(key.publicKey)
    const good = { aud: COUNCIL, iat: at, nonce }
    const wrong = await Promise.all([
      signJws(signer, header, { ...good, aud: 'did:web:other.example' }),
      signJws(signer, header, { ...good, aud: [COUNCIL] }),
      signJws(signer, header, { ...good, iat: at - 400 }),
      signJws(signer, header, { ...good, iat: at + 100 }),
      signJws(signer, header, { ...good, iat: String(at) }),
      signJws(signer, { ...header, typ: 'JWT' }, good),
      signJws(signer, { ...header, kid: 'did:key:z#z' }, good),
      signJws(signer, { typ: header.typ }, good),
      signJws(signer, { ...header, crit: ['x'], x: 1 }, good),
      signJws(cryptography.signer(newKey()), header, good),
      signJws(signer, header, { aud: COUNCIL, iat: at }),
    ])
    for (const proof of [...wrong, 'x.y.z', '']) {
      expect(['invalid_proof', 'invalid_credential_request']).toContain(
        await askWith(world, [proof], response.access_token),
      )
    }
    expect(await askWith(world, [await signJws(signer, header, good)], response.access_token)).toBe('issued')
  })

  test('a nonce that was used, that it did not make, or that is old', async () => {
    const world = await newWorld()
    const { response } = await takeUp(world)
    const prove = (nonce: string) =>
      makeProof(cryptography.signer(newKey()), {
        audience: COUNCIL,
        nonce,
        at: Math.floor(world.clock.time / 1000),
      })
    const nonce = world.council.nonce().c_nonce
    expect(await askWith(world, [await prove(nonce)], response.access_token)).toBe('issued')
    expect(await askWith(world, [await prove(nonce)], response.access_token)).toBe('invalid_nonce')
    expect(await askWith(world, [await prove('made up')], response.access_token)).toBe('invalid_nonce')
    const old = world.council.nonce().c_nonce
    world.clock.time += 6 * 60 * 1000
    expect(await askWith(world, [await prove(old)], response.access_token)).toBe('invalid_nonce')
  })

  test('a batch in which a key stands twice, or has a copy already, or whose proofs name two nonces', async () => {
    const world = await newWorld()
    const { response } = await takeUp(world)
    const at = Math.floor(world.clock.time / 1000)
    const key = cryptography.signer(newKey())
    const other = cryptography.signer(newKey())
    const nonces = Array.from({ length: 4 }, () => world.council.nonce().c_nonce) as [
      string,
      string,
      string,
      string,
    ]
    const prove = (signer: typeof key, nonce: string) => makeProof(signer, { audience: COUNCIL, nonce, at })
    const ask = (jwt: readonly string[]) => askWith(world, jwt, response.access_token)
    expect(await ask([await prove(key, nonces[0]), await prove(key, nonces[0])])).toBe('invalid_proof')
    expect(await ask([await prove(key, nonces[0]), await prove(other, nonces[1])])).toBe('invalid_proof')
    expect(await ask([await prove(key, nonces[2])])).toBe('issued')
    expect(await ask([await prove(key, nonces[3])])).toBe('invalid_proof')
  })

  test('another type than was offered, a stranger’s token, an old token, and a batch that is too large', async () => {
    const world = await newWorld()
    const { response } = await takeUp(world)
    const prove = async () =>
      makeProof(cryptography.signer(newKey()), {
        audience: COUNCIL,
        nonce: world.council.nonce().c_nonce,
        at: Math.floor(world.clock.time / 1000),
      })
    const { access_token: token } = response
    expect(await askWith(world, [await prove()], token, 'degree')).toBe('unknown_credential_configuration')
    expect(await askWith(world, [await prove()], 'made up')).toBe('invalid_token')
    expect(
      await askWith(
        world,
        Array.from({ length: MAX_BATCH + 1 }, () => 'x'),
        token,
      ),
    ).toBe('invalid_credential_request')
    expect(await world.council.token({ grant_type: 'password' })).toMatchObject({
      problems: [{ code: 'invalid_request' }],
    })
    world.clock.time += 61 * 60 * 1000
    expect(await askWith(world, [await prove()], token)).toBe('invalid_token')
  })

  test('to certify what is not written as its template says', async () => {
    const { council } = await newWorld()
    const { address, ...rest } = HOME
    const wrong = [
      rest,
      { ...HOME, given_name: '' },
      { ...HOME, shoe_size: '43' },
      { ...HOME, address: { ...address, floor: '2' } },
      { ...HOME, resident_since: 'May' },
      { ...HOME, address: 'Leeds' },
    ]
    for (const claims of wrong) {
      await expect(council.offer({ template: 'proof-of-address', claims })).rejects.toMatchObject({
        code: 'ERR_INVALID_ARGUMENT',
      })
    }
    await expect(council.offer({ template: 'passport', claims: {} })).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
    })
  })
})

describe('an income', () => {
  test('is answered for every threshold, so that the number of answers says nothing', () => {
    expect(incomeAtLeast('31250.50')).toMatchObject({ '30000': true, '40000': false })
    expect(incomeAtLeast('30000')).toMatchObject({ '30000': true })
    expect(incomeAtLeast('29999.99')).toMatchObject({ '30000': false })
    expect(Object.keys(incomeAtLeast('0')).sort()).toEqual([...INCOME_THRESHOLDS].sort())
    for (const wrong of ['', '-1', '1e9', '1,000', '30 000', 'x']) {
      expect(() => incomeAtLeast(wrong)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
    }
  })

  test('of each kind of template can be issued', async () => {
    const world = await newWorld()
    const degree = {
      given_name: 'Alice',
      family_name: 'Archer',
      institution: 'Leeds',
      degree: 'BSc',
      field_of_study: 'Law',
      awarded_on: '2001-07-01',
    }
    const income = {
      given_name: 'Alice',
      family_name: 'Archer',
      employer: 'Acme',
      currency: 'GBP',
      annual_income: '31250.50',
      income_at_least: incomeAtLeast('31250.50'),
    }
    expect((await receive(world, 1, degree, 'degree')).ok).toBe(true)
    const { credential } = found(await receive(world, 1, income, 'proof-of-income'))
    const { token } = await world.phone.takeCopy(credential.id, { verifier: 'x' })
    expect(parseSdJwt(cryptography, `${token.split('~')[0]}~`).claims).toMatchObject({
      income_at_least: {},
      currency: 'GBP',
    })
  })
})

test('the issuer’s metadata names every claim in English and French', () => {
  const metadata = issuerMetadata(COUNCIL) as never as {
    credential_configurations_supported: Record<
      string,
      { credential_metadata: { claims: { display: unknown[] }[] } }
    >
  }
  const types = Object.values(metadata.credential_configurations_supported)
  expect(types).toHaveLength(3)
  expect(
    types.every((type) => type.credential_metadata.claims.every(({ display }) => display.length === 2)),
  ).toBe(true)
})

test('a proof with an Ed25519 key is as good as one with P-256', async () => {
  const world = await newWorld()
  const { response } = await takeUp(world)
  const signer = cryptography.signer(keyPairFromSeed(random(32)))
  const nonce = world.council.nonce().c_nonce
  const proof = await makeProof(signer, { audience: COUNCIL, nonce, at: Math.floor(world.clock.time / 1000) })
  expect(await askWith(world, [proof], response.access_token)).toBe('issued')
})
