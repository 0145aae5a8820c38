/**
 * Keys as JWKs and Multikeys, DID methods and their resolution, and the pairwise identifier of each relationship.
 *
 * @example
 * ```ts
 * import { createRelationship, createResolver, didKey, slotKey } from '@muniment/identity'
 * import { nodeClock, nodeCryptography, nodeRandom } from 'muniment/platform'
 *
 * const resolver = createResolver({ cryptography: nodeCryptography, clock: nodeClock })
 * const { keys } = await resolver.resolve(didKey(nodeCryptography.generateKeyPair('ES256').publicKey))
 *
 * const mine = slotKey(nodeCryptography, { secret: nodeRandom(32), salt: nodeRandom(32) })
 * createRelationship({ cryptography: nodeCryptography, random: nodeRandom }, { devices: [mine.publicKey] }).did
 * ```
 * @packageDocumentation
 */
export {
  MAX_CACHED_AGE,
  MAX_CACHED_DOCUMENTS,
  MAX_DID_LENGTH,
  MAX_DOCUMENT_BYTES,
  MAX_DOCUMENT_ITEMS,
} from './constants.ts'
export { parseDidDocument } from './did-document.ts'
export { didJwk, publicKeyOfDidJwk } from './did-jwk.ts'
export { didKey, publicKeyOfDidKey } from './did-key.ts'
export { didPeer2, type DidPeer2Parts } from './did-peer-2.ts'
export { didPeer4, type DidPeer4, parseDidPeer4, type PeerDocument } from './did-peer-4.ts'
export { type DidWebInit, didWebUrl, type FetchedJson, type FetchJson } from './did-web.ts'
export { jwkFromPublicKey, jwkThumbprint, publicKeyFromJwk, type PublicJwk } from './jwk.ts'
export { keyPairFromSeed } from './key-from-seed.ts'
export { multikeyFromPublicKey, publicKeyFromMultikey } from './multikey.ts'
export { compressPoint, decompressPoint } from './p256-point.ts'
export {
  createRelationship,
  KIT_SLOT,
  parseRelationship,
  type Relationship,
  type RelationshipKeys,
  SLOT_COUNT,
  slotOf,
} from './relationship.ts'
export {
  peerKeyForRelationship,
  RELATIONSHIP_SALT_LENGTH,
  type RelationshipSecret,
  slotKey,
} from './relationship-keys.ts'
export { createResolver, type DocumentResolver, type ResolverComponents } from './resolver.ts'
export {
  parseSlotSignature,
  signWithSlot,
  type SlotMessage,
  type SlotSignature,
  verifySlotSignature,
} from './slot-signature.ts'
