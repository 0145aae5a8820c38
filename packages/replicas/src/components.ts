import type { SealComponents } from '@muniment/crypto'
import type { Clock, DeviceId, EpochId, Outcome, ReplicaStorage, Signer, Store } from '@muniment/interface'
import type { Log } from '@muniment/log'

/** What replicas ask of the log. */
export type ReplicaLog = Pick<
  Log,
  'vault' | 'device' | 'heads' | 'holes' | 'frames' | 'hasFrame' | 'evidence' | 'receiveAll' | 'confirmHead'
>

/** What replicas ask of the roster; the roster of `@muniment/devices` is one. */
export interface ReplicaRoster {
  isMember(device: DeviceId): boolean
  epoch(): EpochId
}

/** What replicas ask of the keyring; the keyring of `@muniment/devices` is one. */
export interface ReplicaKeyring {
  /** The sealed keyring; `undefined` before anything was written. */
  bytes(): Uint8Array | undefined
  /** Takes in another keyring; durable when it resolves. */
  merge(bytes: Uint8Array): Promise<Outcome>
}

/** What replicas need of their surroundings. */
export interface ReplicasComponents extends SealComponents {
  readonly log: ReplicaLog
  readonly roster: ReplicaRoster
  readonly keyring: ReplicaKeyring
  /** Keeps what this device remembers of each replica. */
  readonly store: Store
  readonly clock: Clock
  /** The device's Ed25519 key, the one its log is signed with. */
  readonly signer: Signer
}

/** One replica: where it is, and the secret its keys come from. */
export interface ReplicaInit {
  readonly storage: ReplicaStorage
  /** 32 bytes, from `makeReplicaSecret`. */
  readonly secret: Uint8Array
}

/** How much of the work is done. */
export interface ReplicaProgress {
  readonly done: number
  readonly expected: number
}

/** What every operation takes. */
export interface ReplicaOptions {
  /** Gives up, with `ERR_ABORTED`. What was done until then stands, and the next call goes on from there. */
  readonly signal?: AbortSignal
  /** For a push, entries; for a pull or a check, packs. */
  readonly onProgress?: (progress: ReplicaProgress) => void
}
