import { toCanonical } from '@muniment/crypto'
import {
  type Clock,
  type Cryptography,
  isMunimentError,
  MunimentError,
  type Outcome,
  type Problem,
  type Random,
  type Store,
} from '@muniment/interface'
import type { VerifiedSdJwt } from '../formats/sd-jwt/verify.ts'
import { type FindIssuerKey, verifySdJwtVcWith } from '../formats/sd-jwt/verify-vc.ts'
import type { JsonObject } from '../jose/json.ts'
import { openNonces, type Spent } from '../once/nonces.ts'
import { checkPresentations } from '../query/check-presentations.ts'
import { type DcqlQuery, parseDcqlQuery } from '../query/dcql-query.ts'
import type { SelectableCredential } from '../query/select-credentials.ts'
import { REQUEST_LIFETIME } from './constants.ts'
import { parseVpToken, type VpToken } from './vp-token.ts'

/** What a verifier needs of its surroundings. */
export interface VerifierComponents {
  readonly cryptography: Cryptography
  readonly random: Random
  readonly clock: Clock
  readonly store: Store
  /** Whom the verifier trusts to issue: the key of an issuer, or `undefined`. */
  readonly issuerKey: FindIssuerKey
}

/** The parts of an OpenID4VP 1.0 request object that decide what is asked and what an answer is bound to. */
export interface PresentationRequest {
  /** `client_id`: the audience of the answer. */
  readonly client_id: string
  readonly nonce: string
  readonly dcql_query: JsonObject
  /** Base64url texts, exactly as sent; empty when there are none. */
  readonly transaction_data: readonly string[]
}

/** An accepted answer. */
export interface AcceptedAnswer {
  /** By the id of each credential query, what its presentations show. */
  readonly presentations: Readonly<Record<string, readonly VerifiedSdJwt[]>>
}

/** Asks for presentations and checks the answers. */
export interface Verifier {
  /** Makes a request with a fresh nonce. Throws `ERR_MALFORMED` for a query that is none, `ERR_UNSUPPORTED` for one without holder binding. */
  request(draft: {
    readonly query: JsonObject
    readonly transactionData?: readonly string[]
  }): PresentationRequest
  /**
   * Checks an answer to a request of this verifier, and then uses its nonce up, durably, before saying yes (protocol
   * rule 13). Problems: those of the SD-JWT engine, those of `checkPresentations`, `malformed`, `nonce_unknown` (not made
   * here for this very request, or expired) and `nonce_used`.
   */
  verify(vpToken: unknown, request: PresentationRequest): Promise<Outcome<AcceptedAnswer>>
}

/** Opens a verifier whose used nonces are in the store, so that a replay is refused after a restart too. */
export async function openVerifier(
  components: VerifierComponents,
  { clientId }: { readonly clientId: string },
): Promise<Verifier> {
  const nonces = await openNonces(components, { table: 'verifier.nonces', lifetime: REQUEST_LIFETIME })
  return {
    request({ query, transactionData = [] }) {
      if (parseDcqlQuery(query).credentials.some(({ requireHolderBinding }) => !requireHolderBinding)) {
        throw new MunimentError('ERR_UNSUPPORTED', 'a presentation without holder binding could be replayed')
      }
      const draft = { client_id: clientId, dcql_query: query, transaction_data: transactionData }
      return { ...draft, nonce: nonces.create(purposeOf(draft)) }
    },
    async verify(vpToken, request) {
      const purpose = purposeOf(request)
      if (request.client_id !== clientId || !nonces.isGenuine(purpose, request.nonce))
        return refused([UNKNOWN])
      const answer = await check(components, request, vpToken)
      if (!answer.ok) return answer
      const spent = await nonces.consume(purpose, request.nonce)
      return spent === 'consumed' ? answer : refused([SPENT[spent]])
    },
  }
}

async function check(
  components: VerifierComponents,
  request: PresentationRequest,
  value: unknown,
): Promise<Outcome<AcceptedAnswer>> {
  const vpToken = readVpToken(value)
  if (!vpToken) return refused([MALFORMED])
  const query: DcqlQuery = parseDcqlQuery(request.dcql_query)
  const problems: Problem[] = []
  const presentations: Record<string, VerifiedSdJwt[]> = {}
  for (const [id, tokens] of Object.entries(vpToken)) {
    presentations[id] = []
    for (const token of tokens) {
      const verified = await verifySdJwtVcWith(token, components, optionsFor(components, request))
      if (verified.ok) presentations[id].push(verified)
      else problems.push(...verified.problems)
    }
  }
  if (problems.length > 0) return refused(problems)
  problems.push(...checkPresentations(query, shown(presentations)))
  return problems.length > 0 ? refused(problems) : { ok: true, presentations }
}

function optionsFor(
  { clock }: VerifierComponents,
  request: PresentationRequest,
): Parameters<typeof verifySdJwtVcWith>[2] {
  const keyBinding = {
    audience: request.client_id,
    nonce: request.nonce,
    transactionData: request.transaction_data,
  }
  return { at: Math.floor(clock.now() / 1000), keyBinding }
}

function shown(
  presentations: Readonly<Record<string, readonly VerifiedSdJwt[]>>,
): ReadonlyMap<string, readonly SelectableCredential[]> {
  return new Map(
    Object.entries(presentations).map(([id, verified]) => [
      id,
      verified.map(({ claims }) => ({ vct: typeof claims['vct'] === 'string' ? claims['vct'] : '', claims })),
    ]),
  )
}

function readVpToken(value: unknown): VpToken | undefined {
  try {
    return parseVpToken(value)
  } catch (error) {
    if (isMunimentError(error, 'ERR_MALFORMED')) return undefined
    throw error
  }
}

/** The whole request is what a nonce is made for: an answer to it cannot be checked against another query. */
function purposeOf(request: Omit<PresentationRequest, 'nonce'>): Uint8Array {
  return toCanonical([request.client_id, request.dcql_query, request.transaction_data])
}

function refused(problems: readonly Problem[]): {
  readonly ok: false
  readonly problems: readonly Problem[]
} {
  return { ok: false, problems }
}

const MALFORMED = { code: 'malformed', message: 'The answer is not a vp_token.' }
const UNKNOWN = { code: 'nonce_unknown', message: 'The request was not made here, or it has expired.' }
const USED = { code: 'nonce_used', message: 'The request was answered already.' }
const SPENT: Readonly<Record<Exclude<Spent, 'consumed'>, Problem>> = { unknown: UNKNOWN, used: USED }
