import { base64url, hashInDomain } from '@muniment/crypto'
import type { Clock, Cryptography, Did, Random, Signer } from '@muniment/interface'
import * as v from 'valibot'
import {
  CLIENT_ID_PREFIX,
  CONTRACT_TYPE,
  DEFAULT_OFFER_LIFE_SECONDS,
  MAX_OFFER_LIFE_SECONDS,
  OFFER_AUDIENCE,
  OFFER_JWS_TYPE,
  RESPONSE_MODE,
} from './constants.ts'
import { type DcqlQuery, dcqlOf, sameWhat } from './dcql.ts'
import { encodeJson, signJws } from './jws.ts'
import { didSchema, idSchema, parseAs, wholeSchema } from './schemas.ts'
import { nameSchema, type Terms, termsSchema } from './terms.ts'

/** Who offers: a DID that signs, and the name a person knows it by. */
export interface Organisation {
  readonly did: Did
  readonly name: string
}

/** What an organisation binds itself to by signing an offer (protocol rule 15). */
export interface Proposal {
  /** The request's id: what a link names, and what the whole exchange goes by. */
  readonly id: string
  readonly organisation: Organisation
  /** The relationship that it is for (short form of its DID); absent at first contact. */
  readonly relationship?: Did
  /** Standing contracts come later. */
  readonly use: 'once'
  /** Seconds since the Unix epoch after which no answer counts. */
  readonly expires: number
  /** The widest terms. */
  readonly terms: Terms
  /** Another set of terms that the organisation would accept as well. */
  readonly alternative?: Terms
}

/** A request object of OpenID4VP 1.0 (section 5), as organisations sign it. */
export interface RequestObject {
  readonly client_id: string
  readonly response_type: 'vp_token'
  readonly response_mode: typeof RESPONSE_MODE
  readonly nonce: string
  readonly aud: typeof OFFER_AUDIENCE
  readonly state: string
  readonly iat: number
  readonly exp: number
  readonly dcql_query: DcqlQuery
  /** One entry for each credential: OpenID4VP lets one entry be signed by one credential only (section 5.1). */
  readonly transaction_data: readonly string[]
  /** Multiaddresses where the answer is taken. */
  readonly muniment_addresses: readonly string[]
}

/** What {@link createOffer} is given. */
export interface OfferDraft {
  readonly organisation: Organisation
  readonly terms: Terms
  readonly alternative?: Terms
  readonly relationship?: Did
  /** Multiaddresses where the organisation is dialled. */
  readonly addresses: readonly string[]
  /** Seconds that the offer stands; {@link DEFAULT_OFFER_LIFE_SECONDS} if absent. */
  readonly lifetime?: number
}

const bodySchema = v.pipe(
  v.strictObject({
    id: idSchema,
    organisation: v.strictObject({ did: didSchema, name: nameSchema }),
    relationship: v.exactOptional(didSchema),
    use: v.literal('once'),
    expires: wholeSchema(0),
    terms: termsSchema,
    alternative: v.exactOptional(termsSchema),
  }),
  v.check(
    ({ terms, alternative }) => !alternative || sameWhat(terms, alternative) || !shareIds(terms, alternative),
  ),
)

const entrySchema = v.strictObject({
  type: v.literal(CONTRACT_TYPE),
  credential_ids: v.pipe(v.array(idSchema), v.length(1)),
  contract: bodySchema,
})

/** Parses one decoded entry of `transaction_data`; throws `ERR_MALFORMED`, also for members that are not known. */
export function parseTransactionEntry(value: unknown): {
  readonly credential: string
  readonly proposal: Proposal
} {
  const { contract, credential_ids } = parseAs(entrySchema, value, 'a contract in transaction data')
  return { credential: credential_ids[0] ?? '', proposal: contract }
}

/**
 * Makes the request object for an offer, with a fresh id and nonce of 128 and 256 random bits. Throws `ERR_MALFORMED`
 * for terms that could not be read back, such as a text with control characters.
 */
export function createOffer(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  draft: OfferDraft,
): RequestObject {
  const { organisation, terms, alternative, relationship, addresses } = draft
  const now = Math.floor(clock.now() / 1000)
  const expires = now + Math.min(draft.lifetime ?? DEFAULT_OFFER_LIFE_SECONDS, MAX_OFFER_LIFE_SECONDS)
  const id = base64url(random(16))
  const proposal: Proposal = parseAs(
    bodySchema,
    {
      id,
      organisation,
      ...(relationship !== undefined && { relationship }),
      use: 'once',
      expires,
      terms,
      ...(alternative && { alternative }),
    },
    'an offer',
  )
  return {
    client_id: CLIENT_ID_PREFIX + organisation.did,
    response_type: 'vp_token',
    response_mode: RESPONSE_MODE,
    nonce: base64url(random(32)),
    aud: OFFER_AUDIENCE,
    state: id,
    iat: now,
    exp: expires,
    dcql_query: dcqlOf(terms, alternative),
    transaction_data: transactionData(proposal),
    muniment_addresses: addresses,
  }
}

/**
 * Signs a request object: a compact JWS of type `oauth-authz-req+jwt`.
 *
 * @param kid - the DID URL of the key, in the organisation's DID document
 */
export async function signOffer(signer: Signer, kid: string, request: RequestObject): Promise<string> {
  return signJws(signer, OFFER_JWS_TYPE, kid, request)
}

/** The entries of `transaction_data`, one for each credential that the proposal names. */
export function transactionData(proposal: Proposal): readonly string[] {
  return credentialsAsked(proposal).map((id) =>
    encodeJson({ type: CONTRACT_TYPE, credential_ids: [id], contract: proposal }),
  )
}

/** The ids of the credentials that either set of terms asks for, in the order of the query. */
export function credentialsAsked({ terms, alternative }: Proposal): readonly string[] {
  return dcqlOf(terms, alternative).credentials.map(({ id }) => id)
}

/**
 * An offer's name: a hash over what its JWS signs. The signature is left out, because an ES256 signature has a valid
 * twin (protocol rule 13). 32 bytes in base64url.
 */
export function offerHash(cryptography: Cryptography, signed: Uint8Array): string {
  return base64url(hashInDomain(cryptography, 'muniment/offer/1', signed))
}

function shareIds(left: Terms, right: Terms): boolean {
  const ids = new Set(left.what.map(({ id }) => id))
  return right.what.some(({ id }) => ids.has(id))
}
