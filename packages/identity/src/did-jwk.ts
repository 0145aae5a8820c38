import { base64url, fromBase64url, utf8 } from '@muniment/crypto'
import { type Did, MunimentError, type PublicKey } from '@muniment/interface'
import type { DIDDocument } from 'did-resolver'
import { jwkFromPublicKey, publicKeyFromJwk } from './jwk.ts'
import { parseJson } from './json-text.ts'

const PREFIX = 'did:jwk:'

/** The did:jwk of a public key: its JWK, required members only, in base64url. */
export function didJwk(key: PublicKey): Did {
  return PREFIX + base64url(utf8(JSON.stringify(jwkFromPublicKey(key))))
}

/** The key that a did:jwk is; throws `ERR_MALFORMED` for another method or a JWK that `publicKeyFromJwk` refuses. */
export function publicKeyOfDidJwk(did: Did): PublicKey {
  if (!did.startsWith(PREFIX)) throw new MunimentError('ERR_MALFORMED', 'this is not a did:jwk')
  return publicKeyFromJwk(parseJson(fromBase64url(did.slice(PREFIX.length))))
}

/** The document of a did:jwk: one key, `#0`, that authenticates and asserts. */
export function didJwkDocument(did: Did): DIDDocument {
  const publicKeyJwk = { ...jwkFromPublicKey(publicKeyOfDidJwk(did)) }
  const id = `${did}#0`
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/jwk/v1'],
    id: did,
    verificationMethod: [{ id, type: 'JsonWebKey', controller: did, publicKeyJwk }],
    authentication: [id],
    assertionMethod: [id],
  }
}
