import { base64url, deriveKey } from '@muniment/crypto'
import { type Cryptography, MunimentError, type Random } from '@muniment/interface'
import { ID_DOMAIN, NAME_KEY_DOMAIN, SEAL_KEY_DOMAIN, SECRET_LENGTH, TAG_KEY_DOMAIN } from './constants.ts'

const ID_LENGTH = 16

/** What is derived from a replica's secret. Two replicas share none of it. */
export interface ReplicaKeys {
  /** The replica's name inside the vault; the storage never sees it. */
  readonly id: string
  /** Seals objects. */
  readonly seal: Uint8Array
  /** Names objects by their content. */
  readonly name: Uint8Array
  /** Marks a name as one of this replica. */
  readonly tag: Uint8Array
}

/** A fresh secret for a replica, 32 bytes. It belongs in a sealed entry of the vault. */
export function makeReplicaSecret(random: Random): Uint8Array {
  return random(SECRET_LENGTH)
}

/** The keys of a replica. Throws `ERR_INVALID_ARGUMENT` for a secret that has not 32 bytes. */
export function replicaKeys(cryptography: Cryptography, secret: Uint8Array): ReplicaKeys {
  if (secret.length !== SECRET_LENGTH) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', `a replica's secret has ${SECRET_LENGTH} bytes`)
  }
  return {
    id: base64url(deriveKey(cryptography, secret, ID_DOMAIN).subarray(0, ID_LENGTH)),
    seal: deriveKey(cryptography, secret, SEAL_KEY_DOMAIN),
    name: deriveKey(cryptography, secret, NAME_KEY_DOMAIN),
    tag: deriveKey(cryptography, secret, TAG_KEY_DOMAIN),
  }
}
