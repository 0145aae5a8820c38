import type { DeviceId, EpochId, KeyId, VersionVector } from '@muniment/interface'

/** What an entry holds. All but `roster` and `session` are sealed, and their kind is inside the seal. */
export type EntryKind = 'segment' | 'shard' | 'ledger' | 'forget' | 'settings' | 'roster' | 'session'

/** An entry to be written. */
export interface EntryDraft {
  /** The kind; `session` is written by the log itself. */
  readonly kind: Exclude<EntryKind, 'session'>
  /** At most `MAX_BODY_LENGTH` bytes. */
  readonly body: Uint8Array
  /** The data key that seals it: required for every kind but `roster`, which is not sealed. */
  readonly key?: KeyId
}

/** Where an entry stands for ever. */
export interface EntryAddress {
  readonly device: DeviceId
  /** Its number in the device's log; the first is 1. */
  readonly seq: number
  /** base64url of the entry's hash, H(header ∥ H(payload)) (protocol rule 1). */
  readonly hash: string
}

/**
 * Why an entry has no body: its key has not arrived, its key was erased, its payload is not here, or its writer sealed
 * something that does not open.
 */
export type WhyNoBody = 'key-unknown' | 'erased' | 'absent' | 'unreadable'

/** An entry as read back. */
export interface LogEntry extends EntryAddress {
  /** `sealed` when the kind is not known because the payload could not be opened. */
  readonly kind: EntryKind | 'sealed'
  readonly body: Uint8Array | undefined
  /** Present exactly when there is no body. */
  readonly why?: WhyNoBody
  /** The data key it is sealed with. */
  readonly key?: KeyId
  /** What its writer had seen of the other devices' logs when it wrote. */
  readonly clocks: VersionVector
  /** The epoch it was written in. */
  readonly epoch: EpochId
}
