import {
  type Clock,
  type Cryptography,
  type Did,
  isMunimentError,
  type Outcome,
  type Problem,
  type Resolver,
} from '@muniment/interface'
import * as v from 'valibot'
import {
  CLIENT_ID_PREFIX,
  CLOCK_SKEW_SECONDS,
  MAX_ADDRESSES,
  MAX_OFFER_LENGTH,
  MAX_OFFER_LIFE_SECONDS,
  OFFER_AUDIENCE,
  OFFER_JWS_TYPE,
  RESPONSE_MODE,
} from './constants.ts'
import { type DcqlQuery, dcqlOf } from './dcql.ts'
import { decodeJson, isSignedBy, type ParsedJws, parseJws } from './jws.ts'
import { offerHash, parseTransactionEntry, type Proposal, transactionData } from './offer.ts'
import { ifWellFormed, refusal, refusals } from './outcome.ts'
import { isSameValue } from './same-value.ts'
import { wholeSchema } from './schemas.ts'

/** An offer that was read: what it proposes, and what binds an answer to it. */
export interface Offer {
  /** The signed request object as it came. */
  readonly jws: string
  /** Its name in answers and contracts, see `offerHash`. */
  readonly hash: string
  /** The DID URL of the key that signed it. */
  readonly kid: string
  readonly proposal: Proposal
  /** The audience that a presentation names: `client_id`. */
  readonly clientId: string
  readonly nonce: string
  readonly issuedAt: number
  readonly addresses: readonly string[]
  readonly dcql: DcqlQuery
  /** The strings of `transaction_data` by the credential that signs each. */
  readonly transactionData: ReadonlyMap<string, string>
}

/** What checking an offer needs. */
export interface OfferChecks {
  readonly cryptography: Cryptography
  readonly clock: Clock
  readonly resolver: Resolver
}

const requestSchema = v.strictObject({
  client_id: v.pipe(v.string(), v.maxLength(5000)),
  response_type: v.string(),
  response_mode: v.string(),
  nonce: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22,128}$/)),
  aud: v.string(),
  state: v.string(),
  iat: wholeSchema(0),
  exp: wholeSchema(0),
  dcql_query: v.unknown(),
  transaction_data: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(16)),
  muniment_addresses: v.pipe(v.array(v.pipe(v.string(), v.maxLength(300))), v.maxLength(MAX_ADDRESSES)),
})

type Request = v.InferOutput<typeof requestSchema>

/**
 * Reads an offer without asking whether its signature or its time are right: for one's own stored offers. Problems:
 * `offer_too_large`, `offer_unsigned`, `offer_malformed`, `offer_wrong_type`, `offer_algorithm`, `offer_unsupported`,
 * `offer_audience`, `offer_terms`, `offer_inconsistent`.
 */
export function parseOffer(
  cryptography: Cryptography,
  jws: string,
): Outcome<{ offer: Offer; parsed: ParsedJws }> {
  if (jws.length > MAX_OFFER_LENGTH) return refusal('offer_too_large', 'the offer is longer than any may be')
  const read = parseJws(jws, OFFER_JWS_TYPE, 'offer')
  if (!read.ok) return read
  const request = v.safeParse(requestSchema, read.jws.payload)
  if (!request.success) {
    return refusal('offer_malformed', 'the offer lacks something, or says something that is not known')
  }
  const problems = [...problemsOfRequest(request.output)]
  const proposal = readProposal(request.output, problems)
  if (!proposal || problems.length > 0) return refusals(problems)
  const { client_id: clientId, nonce, iat: issuedAt, muniment_addresses: addresses } = request.output
  const asked = dcqlOf(proposal.terms, proposal.alternative)
  const offer: Offer = {
    jws,
    hash: offerHash(cryptography, read.jws.signed),
    kid: read.jws.kid,
    proposal,
    clientId,
    nonce,
    issuedAt,
    addresses,
    dcql: asked,
    transactionData: new Map(
      asked.credentials.map(({ id }, index) => [id, request.output.transaction_data[index] ?? '']),
    ),
  }
  return { ok: true, offer, parsed: read.jws }
}

/**
 * Checks an offer that came from outside: all that {@link parseOffer} checks, then signature and time. Further problems:
 * `offer_key`, `offer_signature`, `offer_expired`, `offer_not_yet_valid`, `offer_lives_too_long`.
 *
 * @param expected - the organisation's DID and the request id of the link that led here, when there was one: else
 *   `offer_of_another`
 */
export async function verifyOffer(
  checks: OfferChecks,
  jws: string,
  expected: { readonly did?: Did; readonly id?: string; readonly signal?: AbortSignal } = {},
): Promise<Outcome<{ offer: Offer }>> {
  const read = parseOffer(checks.cryptography, jws)
  if (!read.ok) return read
  const { offer, parsed } = read
  const { organisation, id } = offer.proposal
  const problems = [...problemsOfTime(checks.clock, offer)]
  if ((expected.did ?? organisation.did) !== organisation.did || (expected.id ?? id) !== id) {
    problems.push({ code: 'offer_of_another', message: 'this is not the offer that the link leads to' })
  }
  const signature = await problemOfSignature(checks, { did: organisation.did, parsed }, expected.signal)
  if (signature) problems.push(signature)
  return problems.length === 0 ? { ok: true, offer } : refusals(problems)
}

function* problemsOfRequest(request: Request): Generator<Problem> {
  if (request.response_type !== 'vp_token' || request.response_mode !== RESPONSE_MODE) {
    yield { code: 'offer_unsupported', message: 'the offer wants an answer of a kind that is not given' }
  }
  if (request.aud !== OFFER_AUDIENCE) {
    yield { code: 'offer_audience', message: 'the offer is meant for someone else' }
  }
}

/** The contract stands in every entry of transaction data and in the query: all must say the same. */
function readProposal(request: Request, problems: Problem[]): Proposal | undefined {
  const entries = request.transaction_data.map((text) =>
    ifWellFormed(() => parseTransactionEntry(decodeJson(text))),
  )
  const proposal = entries[0]?.proposal
  if (!proposal || entries.includes(undefined)) {
    problems.push({
      code: 'offer_terms',
      message: 'the terms lack something, or say something that is not known',
    })
    return undefined
  }
  const { organisation, terms, alternative, id, expires } = proposal
  const isSame =
    request.client_id === CLIENT_ID_PREFIX + organisation.did &&
    request.state === id &&
    request.exp === expires &&
    entries.every((entry) => entry && isSameValue(entry.proposal, proposal)) &&
    isSameValue(
      entries.map((entry) => entry?.credential),
      dcqlOf(terms, alternative).credentials.map((asked) => asked.id),
    ) &&
    isSameValue(request.dcql_query, dcqlOf(terms, alternative)) &&
    entries.length === transactionData(proposal).length
  if (!isSame) {
    problems.push({
      code: 'offer_inconsistent',
      message: 'the offer asks for other things than its terms say',
    })
  }
  return proposal
}

function* problemsOfTime(clock: Clock, { issuedAt, proposal: { expires } }: Offer): Generator<Problem> {
  const now = Math.floor(clock.now() / 1000)
  if (expires <= now - CLOCK_SKEW_SECONDS) yield { code: 'offer_expired', message: 'the offer has expired' }
  if (issuedAt > now + CLOCK_SKEW_SECONDS) {
    yield {
      code: 'offer_not_yet_valid',
      message: 'the offer comes from the future: one of the clocks is wrong',
    }
  }
  if (expires - issuedAt > MAX_OFFER_LIFE_SECONDS || expires < issuedAt) {
    yield { code: 'offer_lives_too_long', message: 'the offer stands for longer than 90 days' }
  }
}

async function problemOfSignature(
  { cryptography, resolver }: OfferChecks,
  { did, parsed }: { readonly did: Did; readonly parsed: ParsedJws },
  signal: AbortSignal | undefined,
): Promise<Problem | undefined> {
  if (!parsed.kid.startsWith(`${did}#`)) {
    return { code: 'offer_key', message: 'the key that signed the offer is not the organisation’s' }
  }
  try {
    const { keys } = await resolver.resolve(did, signal ? { signal } : {})
    const key = keys.find(({ id, purposes }) => id === parsed.kid && purposes.includes('assertionMethod'))
    if (!key) return { code: 'offer_key', message: 'the key that signed the offer is not the organisation’s' }
    if (isSignedBy(cryptography, parsed, key.publicKey)) return undefined
    return { code: 'offer_signature', message: 'the signature of the offer is wrong' }
  } catch (error) {
    if (!isMunimentError(error, 'ERR_DID_UNRESOLVED')) throw error
    return { code: 'offer_key', message: 'the organisation’s keys could not be found' }
  }
}
