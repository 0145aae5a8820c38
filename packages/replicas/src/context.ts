import { base64url } from '@muniment/crypto'
import type { Cryptography, DeviceId, ReplicaStorage } from '@muniment/interface'
import type { ReplicasComponents } from './components.ts'
import type { PackEntry } from './pack-entry.ts'
import type { ReplicaKeys } from './replica-keys.ts'

/** What reading a replica needs. */
export interface ReadContext {
  readonly cryptography: Cryptography
  readonly storage: ReplicaStorage
  readonly keys: ReplicaKeys
}

/** What the operations on one replica share. */
export interface ReplicaContext extends ReadContext {
  readonly components: ReplicasComponents
  readonly secret: Uint8Array
  /** This device. */
  readonly device: DeviceId
  /** Index objects read before: they never change. */
  readonly knownIndexes: Map<string, readonly PackEntry[]>
  /** Objects that were looked at for good, and need not be fetched again: keyrings merged, proofs taken in. */
  readonly settled: Set<string>
  /** Objects removed in this opening. */
  readonly removed: Set<string>
  /** A number for this device's next anchor, which is larger than `atLeast`. */
  nextCounter(atLeast: number): Promise<number>
}

/** The device whose key signs. */
export function deviceOf({ signer }: Pick<ReplicasComponents, 'signer'>): DeviceId {
  return base64url(signer.publicKey.bytes)
}
