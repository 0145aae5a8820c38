import { base64url, fromCanonical, toCanonical } from '@muniment/crypto'
import type { Cryptography } from '@muniment/interface'
import * as v from 'valibot'
import { MAX_ANSWER_LENGTH, MAX_CREDENTIALS } from './constants.ts'
import { ID_PATTERN, parseAs } from './schemas.ts'

/**
 * What OpenID4VP calls `vp_token` (section 8.1): the id of each credential query, with the presentations that answer
 * it. Ours are SD-JWTs with key binding, one for each query.
 */
export type VpToken = Readonly<Record<string, readonly string[]>>

const vpTokenSchema: v.GenericSchema<unknown, VpToken> = v.pipe(
  v.record(
    v.pipe(v.string(), v.regex(ID_PATTERN)),
    v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_ANSWER_LENGTH))), v.length(1)),
  ),
  v.minEntries(1),
  v.maxEntries(MAX_CREDENTIALS),
)

/** The final bytes of the presentations: what the preview is built from, what is hashed, and what is sent. */
export function encodePresentation(vpToken: VpToken): Uint8Array {
  return toCanonical(parseAs(vpTokenSchema, vpToken, 'a set of presentations'))
}

/** Reads what {@link encodePresentation} made; throws `ERR_MALFORMED`. */
export function decodePresentation(bytes: Uint8Array): VpToken {
  return parseAs(vpTokenSchema, fromCanonical(bytes), 'a set of presentations')
}

/** The presentation hash: SHA-256 of exactly the bytes that are sent, in base64url. */
export function presentationHash(cryptography: Cryptography, bytes: Uint8Array): string {
  return base64url(cryptography.sha256(bytes))
}
