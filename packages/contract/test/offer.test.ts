import { utf8 } from '@muniment/crypto'
import { expect, it } from 'vitest'
import { createOffer, dcqlOf, parseTerms, type RequestObject, signOffer, verifyOffer } from '../src/index.ts'
import { base64url } from '@muniment/crypto'
import { codesOf, cryptography, landlordsTerms, party, random, type World, world } from './support/parties.ts'

const encode = (value: object): string => base64url(utf8(JSON.stringify(value)))

async function draft(place: World): Promise<RequestObject> {
  const organisation = { did: place.landlord.did, name: 'Immo Sud' }
  return createOffer({ clock: place.clock, random }, { organisation, terms: landlordsTerms(), addresses: [] })
}

async function signed(place: World, change: object = {}): Promise<string> {
  const request = await draft(place)
  return signOffer(place.landlord.signer, place.landlord.kid, { ...request, ...change })
}

async function problemsOf(place: World, jws: string): Promise<string[]> {
  return codesOf(await verifyOffer({ ...place, cryptography }, jws))
}

/** The same offer with its contract rewritten, honestly signed. */
async function signedWithTerms(
  place: World,
  change: (contract: Record<string, unknown>) => object,
): Promise<string> {
  const request = await draft(place)
  const transaction_data = request.transaction_data.map((text) => {
    const entry = JSON.parse(Buffer.from(text, 'base64url').toString()) as {
      contract: Record<string, unknown>
    }
    return encode({ ...entry, contract: change(entry.contract) })
  })
  return signOffer(place.landlord.signer, place.landlord.kid, { ...request, transaction_data })
}

it('Ana reads a signed offer, and a minute of difference between clocks does not matter', async () => {
  const place = await world()
  const jws = await signed(place)
  expect(await problemsOf(place, jws)).toEqual([])
  place.clock.time -= 60_000
  expect(await problemsOf(place, jws)).toEqual([])
  place.clock.time += 60_000 + 24 * 3_600_000 + 59_000
  expect(await problemsOf(place, jws)).toEqual([])
})

it('an offer from the past, or read by a clock two years wrong, is refused', async () => {
  const place = await world()
  const jws = await signed(place)
  place.clock.time += 24 * 3_600_000 + 61_000
  expect(await problemsOf(place, jws)).toEqual(['offer_expired'])
  place.clock.time += 2 * 365 * 86_400_000
  expect(await problemsOf(place, jws)).toEqual(['offer_expired'])
  place.clock.time -= 4 * 365 * 86_400_000
  expect(await problemsOf(place, jws)).toEqual(['offer_not_yet_valid'])
})

it('an offer that nobody signed is refused, however it is dressed', async () => {
  const place = await world()
  const jws = await signed(place)
  const [, body = '', signature = ''] = jws.split('.')
  const none = encode({ alg: 'none', typ: 'oauth-authz-req+jwt', kid: place.landlord.kid })
  expect(await problemsOf(place, `${none}.${body}.`)).toEqual(['offer_unsigned'])
  expect(await problemsOf(place, `${none}.${body}.${signature}`)).toEqual(['offer_unsigned'])
  expect(await problemsOf(place, JSON.stringify(await draft(place)))).toEqual(['offer_unsigned'])
  expect(await problemsOf(place, 'hello')).toEqual(['offer_malformed'])
  expect(await problemsOf(place, `${jws}.x`)).toEqual(['offer_malformed'])
  expect(await problemsOf(place, '['.repeat(300_000))).toEqual(['offer_too_large'])
})

it('an offer altered, signed by a stranger, or of another type or algorithm is refused', async () => {
  const place = await world()
  const request = await draft(place)
  const [head = '', , tail = ''] = (await signed(place)).split('.')
  const altered = `${head}.${encode({ ...request, nonce: base64url(random(32)) })}.${tail}`
  expect(await problemsOf(place, altered)).toEqual(['offer_signature'])
  const stranger = party()
  expect(await problemsOf(place, await signOffer(stranger.signer, stranger.kid, request))).toEqual([
    'offer_key',
  ])
  expect(await problemsOf(place, await signOffer(stranger.signer, place.landlord.kid, request))).toEqual([
    'offer_signature',
  ])
  const [, body = '', signature = ''] = (await signed(place)).split('.')
  const dressed = (header: object): string => `${encode(header)}.${body}.${signature}`
  const { kid } = place.landlord
  expect(await problemsOf(place, dressed({ alg: 'ES256', typ: 'JWT', kid }))).toEqual(['offer_wrong_type'])
  expect(await problemsOf(place, dressed({ alg: 'HS256', typ: 'oauth-authz-req+jwt', kid }))).toEqual([
    'offer_algorithm',
  ])
  const critical = { alg: 'ES256', typ: 'oauth-authz-req+jwt', kid, crit: ['x'], x: 1 }
  expect(await problemsOf(place, dressed(critical))).toEqual(['offer_malformed'])
})

it('all reasons are told at once', async () => {
  const place = await world()
  const jws = await signed(place)
  place.clock.time += 40 * 86_400_000
  const [head = '', body = '', tail = ''] = jws.split('.')
  const flipped = tail.startsWith('A') ? `B${tail.slice(1)}` : `A${tail.slice(1)}`
  expect(await problemsOf(place, `${head}.${body}.${flipped}`)).toEqual(['offer_expired', 'offer_signature'])
})

it('a landlord cannot ask for more by machine than the words say', async () => {
  const place = await world()
  const { dcql_query: query } = await draft(place)
  const wider = {
    ...query,
    credentials: query.credentials.map((asked) =>
      Object.assign({}, asked, { claims: asked.claims.concat({ id: 'x', path: ['sex'] }) }),
    ),
  }
  expect(await problemsOf(place, await signed(place, { dcql_query: wider }))).toEqual(['offer_inconsistent'])
  expect(await problemsOf(place, await signed(place, { exp: (await draft(place)).exp + 60 }))).toEqual([
    'offer_inconsistent',
  ])
  const other = await draft(place)
  expect(
    await problemsOf(place, await signed(place, { transaction_data: other.transaction_data.slice(0, 1) })),
  ).toEqual(['offer_inconsistent'])
})

it('a term that Ana could not be shown makes the offer refused', async () => {
  const place = await world()
  const unknown = await signedWithTerms(place, (contract) => ({ ...contract, alsoSoldTo: 'everyone' }))
  expect(await problemsOf(place, unknown)).toEqual(['offer_terms'])
  const hidden = landlordsTerms({ givenBack: { text: { en: 'Nothing\u202e', fr: 'Rien' } } })
  const bidi = await signedWithTerms(place, (contract) => ({ ...contract, terms: hidden }))
  expect(await problemsOf(place, bidi)).toEqual(['offer_terms'])
  expect(await problemsOf(place, await signed(place, { redirect_uri: 'https://evil.example' }))).toEqual([
    'offer_malformed',
  ])
  expect(await problemsOf(place, await signed(place, { response_mode: 'fragment' }))).toEqual([
    'offer_unsupported',
  ])
  expect(await problemsOf(place, await signed(place, { aud: 'https://someone.example' }))).toEqual([
    'offer_audience',
  ])
})

it('an offer other than the one the link led to is refused', async () => {
  const place = await world()
  const outcome = await verifyOffer({ ...place, cryptography }, await signed(place), { id: 'another' })
  expect(codesOf(outcome)).toEqual(['offer_of_another'])
})

it('the terms of an offer are read strictly', () => {
  const terms = landlordsTerms()
  expect(parseTerms(terms)).toEqual(terms)
  const refused = expect.objectContaining({ code: 'ERR_MALFORMED' })
  expect(() => parseTerms({ ...terms, kept: { ...terms.kept, days: -1 } })).toThrow(refused)
  expect(() => parseTerms({ ...terms, kept: { ...terms.kept, days: 1.5 } })).toThrow(refused)
  expect(() => parseTerms({ ...terms, what: [] })).toThrow(refused)
  expect(() => parseTerms({ ...terms, what: [...terms.what, ...terms.what] })).toThrow(refused)
  expect(() => parseTerms({ ...terms, purpose: { ...terms.purpose, concept: 'javascript:x' } })).toThrow(
    refused,
  )
})

it('an optional claim is a choice in the query, and every choice is listed, the widest first', () => {
  const { credentials } = dcqlOf(landlordsTerms())
  expect(credentials[0]?.claim_sets).toEqual([
    ['town', 'postcode', 'birth'],
    ['town', 'postcode'],
  ])
  expect(credentials[1]).not.toHaveProperty('claim_sets')
  expect(credentials[1]?.claims[0]).toEqual({ id: 'enough', path: ['at_least_2000'], values: [true] })
})
