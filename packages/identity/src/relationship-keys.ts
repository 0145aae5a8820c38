import { utf8 } from '@muniment/crypto'
import { type Cryptography, type KeyPair, MunimentError } from '@muniment/interface'
import { keyPairFromSeed } from './key-from-seed.ts'

/** Bytes of a relationship's salt: random, kept in the vault, told to nobody. */
export const RELATIONSHIP_SALT_LENGTH = 32

/** What a device derives its keys of one relationship from. */
export interface RelationshipSecret {
  /** 32 bytes that are this device's (or the kit's) alone and never leave it. */
  readonly secret: Uint8Array
  /** `RELATIONSHIP_SALT_LENGTH` random bytes, made once for each relationship. */
  readonly salt: Uint8Array
}

/**
 * The key of this device's slot in one relationship (rule 14): derived, so that there is nothing to back up, and
 * different in each relationship, so that two organisations find no common key (mission C3). Ed25519.
 */
export function slotKey(cryptography: Cryptography, source: RelationshipSecret): KeyPair {
  return keyPairFromSeed(derive(cryptography, source, 'muniment/slot-signing/1'))
}

/**
 * The 32-byte seed of the transport key (libp2p, Ed25519) under which this device dials the organisation of one
 * relationship, and no other (mission C3).
 */
export function peerKeyForRelationship(cryptography: Cryptography, source: RelationshipSecret): Uint8Array {
  return derive(cryptography, source, 'muniment/relationship-transport/1')
}

function derive(
  cryptography: Cryptography,
  { secret, salt }: RelationshipSecret,
  domain: string,
): Uint8Array {
  if (secret.length !== 32 || salt.length !== RELATIONSHIP_SALT_LENGTH) {
    throw new MunimentError(
      'ERR_INVALID_ARGUMENT',
      'a relationship derives from a secret and a salt of 32 bytes each',
    )
  }
  return cryptography.hkdfSha256(secret, salt, utf8(domain), 32)
}
