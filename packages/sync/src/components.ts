import type {
  Clock,
  Cryptography,
  DeviceId,
  EpochId,
  Outcome,
  PeerId,
  Random,
  Signer,
  VersionVector,
} from '@muniment/interface'
import type { Log } from '@muniment/log'

/** What sync asks of the roster; the roster of `@muniment/devices` is one. */
export interface SyncRoster {
  byTransport(peer: PeerId): { readonly id: DeviceId } | undefined
  isMember(device: DeviceId): boolean
  /** True for the connections of a device that was removed: it is told so, and nothing else. */
  wasRemoved?(peer: PeerId): boolean
  /** Where the log of a device that was removed ends. */
  cutOf?(device: DeviceId): { readonly seq: number } | undefined
  /** Calls the listener after the devices changed: who is no longer a member is served no longer. */
  onChange(listener: () => void): () => void
}

/** What sync asks of the keyring; the keyring of `@muniment/devices` is one. */
export interface SyncKeyring {
  /** Which epoch's key it is under (`undefined` before anything was written), and the changes in it by device. */
  describe(): { readonly epoch: EpochId | undefined; readonly version: VersionVector }
  /** The sealed keyring as it is sent; `undefined` before anything was written. */
  bytes(): Uint8Array | undefined
  /** Takes in another device's keyring; durable when it resolves. */
  merge(bytes: Uint8Array): Promise<Outcome>
  onChange(listener: () => void): () => void
}

/** What replication needs of the log. */
export type SyncLog = Pick<
  Log,
  | 'vault'
  | 'device'
  | 'heads'
  | 'frames'
  | 'hasFrame'
  | 'landmarks'
  | 'evidence'
  | 'holes'
  | 'receiveAll'
  | 'confirmHead'
  | 'onAppend'
  | 'onFork'
>

/** What replication needs of its surroundings. */
export interface SyncComponents {
  readonly log: SyncLog
  readonly roster: SyncRoster
  readonly keyring: SyncKeyring
  readonly cryptography: Cryptography
  readonly random: Random
  readonly clock: Clock
  /** The device's Ed25519 key, the one its log is signed with. */
  readonly signer: Signer
}

/** How much of what the peer holds has arrived, counted in entries. */
export interface SyncProgress {
  readonly received: number
  readonly expected: number
}

/** Settings of one connection. */
export interface SyncInit {
  /** Ends the connection. */
  readonly signal?: AbortSignal
  /** Called when the peer has said what it holds, and whenever more of it is stored. */
  readonly onProgress?: (progress: SyncProgress) => void
  /** Called once the peer is proved to be a member and has said what it holds, with this device's own head compared. */
  readonly onGreeted?: (peer: { readonly device: DeviceId; readonly isRolledBack: boolean }) => void
}
