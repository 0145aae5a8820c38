import { base64url, fromBase64url } from '@muniment/crypto'
import { describe, expect, test } from 'vitest'
import {
  openVerifier,
  parseDcqlQuery,
  presentCopy,
  REQUEST_LIFETIME,
  selectCredentials,
} from '../src/index.ts'
import {
  cryptography,
  found,
  HOME,
  LANDLORD,
  memoryStore,
  newWorld,
  random,
  receive,
  type World,
} from './actors.ts'

const VCT = 'urn:muniment:credential:proof-of-address:1'
const TOWN = {
  credentials: [
    {
      id: 'home',
      format: 'dc+sd-jwt',
      meta: { vct_values: [VCT] },
      claims: [{ path: ['address', 'locality'] }, { path: ['address', 'postal_code'] }],
    },
  ],
}

/** Alice answers a request of the landlord with a fresh copy. */
async function answer(world: World, request: ReturnType<World['landlord']['request']>, change: object = {}) {
  const credentials = await world.held.list()
  const selection = found(selectCredentials(parseDcqlQuery(request.dcql_query), credentials))
  const match = selection.matches['home']?.at(0)
  if (!match) throw new Error('nothing matches')
  const copy = await world.phone.takeCopy(match.credential.id, { verifier: request.client_id })
  return presentCopy({ cryptography }, copy, {
    disclose: match.disclose,
    audience: request.client_id,
    nonce: request.nonce,
    issuedAt: Math.floor(world.clock.time / 1000),
    transactionData: request.transaction_data,
    ...change,
  })
}

/** The other ES256 signature over the same bytes: (r, n−s). */
function twinOf(token: string): string {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const at = token.lastIndexOf('.') + 1
  const signature = fromBase64url(token.slice(at))
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`)
  const twin = Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex')
  return token.slice(0, at) + base64url(new Uint8Array([...signature.subarray(0, 32), ...twin]))
}

const codes = (outcome: Awaited<ReturnType<World['landlord']['verify']>>) =>
  outcome.ok ? ['ok'] : outcome.problems.map(({ code }) => code)

describe('the landlord asks for town and postcode', () => {
  test('and sees them, and not the street nor the name', async () => {
    const world = await newWorld()
    await receive(world, 2)
    const request = world.landlord.request({ query: TOWN })
    const token = await answer(world, JSON.parse(JSON.stringify(request)))
    for (const hidden of ['Park Row', 'Alice', 'Archer']) {
      const parts = token.split(/[~.]/).map((part) => Buffer.from(part, 'base64url').toString())
      expect(parts.some((part) => part.includes(hidden))).toBe(false)
    }
    const { presentations } = found(await world.landlord.verify({ home: [token] }, request))
    const { postal_code, locality } = HOME.address
    expect(presentations['home']?.[0]?.claims['address']).toEqual({ postal_code, locality })
  })

  test('and accepts exactly one of 100 copies of the answer that arrive at once, signature twins among them', async () => {
    const world = await newWorld()
    await receive(world, 1)
    const request = world.landlord.request({ query: TOWN })
    const token = await answer(world, request)
    const twin = twinOf(token)
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, number) =>
        world.landlord.verify({ home: [number % 2 === 0 ? twin : token] }, request),
      ),
    )
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(outcomes.filter(({ ok }) => !ok).every((outcome) => codes(outcome)[0] === 'nonce_used')).toBe(true)
    const restarted = await world.reopenLandlord()
    expect(codes(await restarted.verify({ home: [token] }, request))).toEqual(['nonce_used'])
    expect(codes(await restarted.verify({ home: [twin] }, request))).toEqual(['nonce_used'])
  })

  test('and a wrong answer does not use the request up', async () => {
    const world = await newWorld()
    await receive(world, 2)
    const request = world.landlord.request({ query: TOWN })
    const wrong = await answer(world, request, { nonce: 'another' })
    expect(codes(await world.landlord.verify({ home: [wrong] }, request))).toEqual(['key_binding_nonce'])
    expect(codes(await world.landlord.verify({ home: [await answer(world, request)] }, request))).toEqual([
      'ok',
    ])
  })

  test.each([
    ['key_binding_audience', { audience: 'did:web:other.example' }],
    ['key_binding_nonce', { nonce: 'x' }],
    ['key_binding_time', { issuedAt: 0 }],
    ['presentation_claims', { disclose: [['address', 'locality']] }],
    ['transaction_data', { transactionData: ['e30'] }],
  ])('and refuses, as %s, an answer with %j', async (code, change) => {
    const world = await newWorld()
    await receive(world, 1)
    const request = world.landlord.request({ query: TOWN, transactionData: ['eyJhIjoxfQ'] })
    const token = await answer(world, request, change)
    expect(codes(await world.landlord.verify({ home: [token] }, request))).toContain(code)
  })

  test('and refuses what is no answer, or answers something else', async () => {
    const world = await newWorld()
    await receive(world, 2)
    const request = world.landlord.request({ query: TOWN })
    for (const value of [
      null,
      'x',
      [],
      { home: 'x' },
      { home: [] },
      { home: [7] },
      { home: Array(17).fill('x') },
    ]) {
      expect(codes(await world.landlord.verify(value, request))).toEqual(['malformed'])
    }
    const token = await answer(world, request)
    expect(codes(await world.landlord.verify({}, request))).toEqual(['presentation_missing'])
    expect(codes(await world.landlord.verify({ away: [token] }, request))).toContain('presentation_unasked')
    expect(codes(await world.landlord.verify({ home: [token, token] }, request))).toContain(
      'presentation_count',
    )
    expect(codes(await world.landlord.verify({ home: [token] }, request))).toEqual(['ok'])
  })

  test('and refuses an issuer that nobody trusts', async () => {
    const world = await newWorld()
    await receive(world, 1)
    const stranger = await openVerifier(
      {
        cryptography,
        random,
        clock: world.clock,
        store: await memoryStore(),
        issuerKey: async () => undefined,
      },
      { clientId: LANDLORD },
    )
    const request = stranger.request({ query: TOWN })
    expect(codes(await stranger.verify({ home: [await answer(world, request)] }, request))).toContain(
      'issuer_unknown',
    )
  })

  test('and an answer is not checked against another request, another verifier’s, or one that has lapsed', async () => {
    const world = await newWorld()
    await receive(world, 2)
    const request = world.landlord.request({ query: TOWN })
    const token = await answer(world, request)
    const easier = {
      ...request,
      dcql_query: { credentials: [{ ...TOWN.credentials[0], claims: undefined as never }] },
    }
    expect(codes(await world.landlord.verify({ home: [token] }, easier))).toEqual(['nonce_unknown'])
    expect(codes(await world.landlord.verify({ home: [token] }, { ...request, client_id: 'x' }))).toEqual([
      'nonce_unknown',
    ])
    const other = await openVerifier(
      {
        cryptography,
        random,
        clock: world.clock,
        store: await memoryStore(),
        issuerKey: async () => undefined,
      },
      { clientId: LANDLORD },
    )
    expect(codes(await other.verify({ home: [token] }, request))).toEqual(['nonce_unknown'])
    world.clock.time += REQUEST_LIFETIME
    expect(codes(await world.landlord.verify({ home: [token] }, request))).toEqual(['nonce_unknown'])
  })

  test('and a clock that is set back revives no answer that was swept away', async () => {
    const world = await newWorld()
    await receive(world, 1)
    const request = world.landlord.request({ query: TOWN })
    const token = await answer(world, request)
    const then = world.clock.time
    found(await world.landlord.verify({ home: [token] }, request))
    world.clock.time += 2 * REQUEST_LIFETIME
    await world.reopenLandlord()
    world.clock.time = then
    const restarted = await world.reopenLandlord()
    expect(codes(await restarted.verify({ home: [token] }, request))).toEqual(['nonce_unknown'])
  })

  test('and makes no request that could be answered without holder binding, or that is no query', async () => {
    const { landlord } = await newWorld()
    const open = {
      credentials: [{ ...TOWN.credentials[0], require_cryptographic_holder_binding: false } as never],
    }
    expect(() => landlord.request({ query: open })).toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED' }),
    )
    expect(() => landlord.request({ query: {} })).toThrow(expect.objectContaining({ code: 'ERR_MALFORMED' }))
  })
})
