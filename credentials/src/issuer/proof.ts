import { jwkFromPublicKey, jwkThumbprint, publicKeyFromJwk } from '@muniment/identity'
import {
  type Cryptography,
  isMunimentError,
  type Outcome,
  type PublicKey,
  type Signer,
} from '@muniment/interface'
import { CLOCK_SKEW_SECONDS } from '../formats/sd-jwt/constants.ts'
import type { JsonObject } from '../jose/json.ts'
import { headerProblems, type JwsHeader, parseJws, signJws, verifyJws } from '../jose/jws.ts'
import { PROOF_MAX_AGE_SECONDS } from './constants.ts'

const TYPE = 'openid4vci-proof+jwt'

/** What a proof has to be for. */
export interface ProofExpectations {
  /** The issuer's identifier. */
  readonly audience: string
  readonly nonce: string
  /** Unix seconds. */
  readonly at: number
}

/** Makes a proof that the holder has a key (OpenID4VCI 1.0, appendix F.1). */
export function makeProof(signer: Signer, { audience, nonce, at }: ProofExpectations): Promise<string> {
  const jwk = { ...jwkFromPublicKey(signer.publicKey) }
  return signJws(signer, { typ: TYPE, jwk }, { aud: audience, iat: at, nonce })
}

/** The nonce that a proof names, unchecked; `undefined` when it cannot be read. */
export function nonceOfProof(proof: string): string | undefined {
  try {
    const { nonce } = parseJws(proof).payload
    return typeof nonce === 'string' ? nonce : undefined
  } catch {
    return undefined
  }
}

/**
 * Checks the proofs of one batch (OpenID4VCI 1.0, appendix F.4): type, own key, signature, audience, nonce and age of
 * each, and that no key stands in it twice. Every problem has the code `invalid_proof`.
 */
export function verifyProofs(
  cryptography: Cryptography,
  proofs: readonly string[],
  expected: ProofExpectations,
): Outcome<{ readonly keys: readonly PublicKey[] }> {
  const keys = proofs.map((proof) => provedKey(cryptography, proof, expected))
  const proved = keys.filter((key) => key !== undefined)
  if (proved.length !== keys.length) return refused('A proof of possession is wrong.')
  const names = new Set(proved.map((key) => jwkThumbprint(cryptography, key)))
  if (names.size !== proved.length) return refused('Every copy needs a key of its own.')
  return { ok: true, keys: proved }
}

function provedKey(
  cryptography: Cryptography,
  proof: string,
  expected: ProofExpectations,
): PublicKey | undefined {
  try {
    const jws = parseJws(proof)
    const key = publicKeyFromJwk(jws.header['jwk'])
    const isFit = isProofHeader(jws.header, key) && isProofPayload(jws.payload, expected)
    return isFit && verifyJws(cryptography, jws, key) ? key : undefined
  } catch (error) {
    if (isMunimentError(error)) return undefined
    throw error
  }
}

function refused(message: string): Outcome<{ readonly keys: readonly PublicKey[] }> {
  return { ok: false, problems: [{ code: 'invalid_proof', message }] }
}

/** Exactly one way to name the key is allowed (appendix F.1): here it is `jwk`. */
function isProofHeader(header: JwsHeader, key: PublicKey): boolean {
  const { typ, kid, x5c } = header
  const codes = { algorithm: 'invalid_proof', critical: 'invalid_proof' }
  return (
    typ === TYPE && kid === undefined && x5c === undefined && headerProblems(header, key, codes).length === 0
  )
}

function isProofPayload(payload: JsonObject, { audience, nonce, at }: ProofExpectations): boolean {
  const { aud, iat, nonce: named } = payload
  if (aud !== audience || named !== nonce || typeof iat !== 'number') return false
  return iat <= at + CLOCK_SKEW_SECONDS && iat >= at - PROOF_MAX_AGE_SECONDS - CLOCK_SKEW_SECONDS
}
