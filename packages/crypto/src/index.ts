/**
 * Sealing, canonical bytes, hashing and key derivation, over the platform's own cryptography (a port that `node` or
 * the browser fills in).
 *
 * @example
 * ```ts
 * import { open, seal, utf8 } from '@muniment/crypto'
 * import { nodeCryptography, nodeRandom } from 'muniment/platform'
 *
 * const key = nodeRandom(32)
 * const sealed = seal({ cryptography: nodeCryptography, random: nodeRandom }, key, utf8('rent: 900'), utf8('row 7'))
 * open(nodeCryptography, key, sealed, utf8('row 7'))
 * ```
 * @packageDocumentation
 */
export { base64url, fromBase64url } from './base64url.ts'
export { concat, fromUtf8, sameBytes, uint64, utf8 } from './bytes.ts'
export { type CanonicalValue, fromCanonical, MAX_CANONICAL_DEPTH, toCanonical } from './canonical.ts'
export { deriveKey, hashInDomain, inDomain } from './domain.ts'
export { pad, padmeLength, unpad } from './padding.ts'
export {
  deriveMessageKey,
  KEY_LENGTH,
  NONCE_LENGTH,
  open,
  seal,
  SEAL_OVERHEAD,
  type SealComponents,
} from './seal.ts'
