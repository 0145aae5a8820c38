import { type Did, MunimentError, type PublicKey } from '@muniment/interface'
import type { DIDDocument } from 'did-resolver'
import { multikeyFromPublicKey, publicKeyFromMultikey } from './multikey.ts'

const PREFIX = 'did:key:'

/** The did:key of a public key (did:key method v0.9): `did:key:z6Mk…` or `did:key:zDn…`. */
export function didKey(key: PublicKey): Did {
  return PREFIX + multikeyFromPublicKey(key)
}

/** The key that a did:key is; throws `ERR_MALFORMED` for another method or key type. */
export function publicKeyOfDidKey(did: Did): PublicKey {
  if (!did.startsWith(PREFIX)) throw new MunimentError('ERR_MALFORMED', 'this is not a did:key')
  return publicKeyFromMultikey(did.slice(PREFIX.length))
}

/** The document of a did:key: one Multikey that authenticates and asserts. */
export function didKeyDocument(did: Did): DIDDocument {
  publicKeyOfDidKey(did)
  const multikey = did.slice(PREFIX.length)
  const id = `${did}#${multikey}`
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did,
    verificationMethod: [{ id, type: 'Multikey', controller: did, publicKeyMultibase: multikey }],
    authentication: [id],
    assertionMethod: [id],
  }
}
