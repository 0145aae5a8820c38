import type { CheckOptions, CheckReport } from './check.ts'
import type { ReplicaInit, ReplicaOptions } from './components.ts'
import type { ForgottenEntries } from './forget.ts'
import type { PullReport } from './pull.ts'
import type { PushReport } from './push.ts'

/**
 * A sealed copy of the vault somewhere that is trusted with nothing. Its operations take turns. All throw what the storage
 * throws, and `ERR_REPLICA_DAMAGED` when what was written does not read back.
 */
export interface Replica {
  /** Its name inside the vault: 22 characters. The storage never sees it. */
  readonly id: string
  /**
   * Writes what the log and the keyring have and the replica lacks. Cut off at any point, the next push goes on from
   * there. Throws `ERR_REPLICA_ROLLED_BACK` for a replica that has lost what this device saw there.
   */
  push(options?: ReplicaOptions): Promise<PushReport>
  /** Reads into log and keyring what the replica has and they lack: a restore, or sync with devices one never meets. */
  pull(options?: ReplicaOptions): Promise<PullReport>
  /** Compares what is there with what should be, by reading it. */
  check(options?: CheckOptions): Promise<CheckReport>
  /** Writes again whatever a check finds wrong, also after the replica has gone back, from what this device holds. */
  repair(options?: ReplicaOptions): Promise<PushReport>
  /**
   * Removes entries from what lies there, after the log has dropped their payloads: packs that hold them are written
   * again without, and the old ones removed at once, with old keyrings. Throws `ERR_REPLICA_REFUSED` where nothing can be
   * removed.
   */
  forget(entries: ForgottenEntries, options?: ReplicaOptions): Promise<PushReport>
  /**
   * Lets these recovery keys, of 32 bytes each, find the replica's secret on the replica itself: those of the kit and of
   * guardians. The keys of an earlier call no longer do, on a storage that keeps no old versions.
   */
  admit(recoveryKeys: readonly Uint8Array[], options?: ReplicaOptions): Promise<void>
  /** The anchors seen there, for the vault's other devices; `undefined` before any were. */
  memory(): Promise<Uint8Array | undefined>
  /**
   * Takes in what another device saw there, to notice when it is kept from this one. Throws `ERR_MALFORMED`,
   * `ERR_BAD_SIGNATURE`.
   */
  remember(memory: Uint8Array): Promise<void>
}

/** The replicas of a vault. */
export interface Replicas {
  /** A replica; nothing is read yet. Throws `ERR_INVALID_ARGUMENT` for a secret that has not 32 bytes. */
  open(init: ReplicaInit): Replica
}
