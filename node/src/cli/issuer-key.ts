import { didIssuerKey, parseSdJwt } from '@muniment/credentials'
import { jwkFromPublicKey, type PublicJwk } from '@muniment/identity'
import { type Did, isMunimentError, type Outcome, type Resolver } from '@muniment/interface'
import { nodeCryptography } from '../platform/index.ts'

/**
 * The key with which a token must be signed to come from this issuer, found in the issuer's DID document. Only the DID
 * that the person named is resolved, never one that the token names: a hostile token makes no connection.
 */
export async function issuerKeyFor(
  resolver: Resolver,
  issuer: Did,
  token: string,
): Promise<Outcome<{ readonly jwk: PublicJwk }>> {
  try {
    const { header, payload } = parseSdJwt(nodeCryptography, token)
    const { iss } = payload
    if (iss !== issuer) return refused('issuer_unknown', 'The credential names another issuer.')
    await resolver.resolve(issuer)
    const key = await didIssuerKey(resolver, (named) => named === issuer)(issuer, header)
    if (!key) return refused('issuer_unknown', 'The issuer’s document has no such key for certifying.')
    return { ok: true, jwk: jwkFromPublicKey(key) }
  } catch (error) {
    if (isMunimentError(error, 'ERR_DID_UNRESOLVED')) return refused('issuer_unknown', error.message)
    if (isMunimentError(error, 'ERR_MALFORMED')) return refused('malformed', error.message)
    throw error
  }
}

function refused(code: string, message: string): Outcome<{ readonly jwk: PublicJwk }> {
  return { ok: false, problems: [{ code, message }] }
}
