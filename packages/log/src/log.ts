import type { SealComponents } from '@muniment/crypto'
import type {
  DataKeys,
  DeviceId,
  EpochId,
  KeyId,
  Refusal,
  Signer,
  Store,
  VaultId,
  VersionVector,
} from '@muniment/interface'
import type { EntryAddress, EntryDraft, LogEntry } from './entry.ts'
import type { Holes } from './holes.ts'
import type { ForkProof } from './rows.ts'

/** Who may write in this vault: given from outside, by the roster. */
export interface Members {
  isMember(device: DeviceId): boolean
  /**
   * Asked of the first frame of a device that is no member: whether one of these roster operations, which the device
   * signed with the frame, makes it one by itself. The first operation of the vault does, and one of a recovery member
   * that enrols the device which carries it: without it nothing could be restored into an empty log.
   */
  admits?(device: DeviceId, operations: readonly Uint8Array[]): boolean
  /**
   * Where the log of a device that is out of the vault ends (protocol rule 4): its last entry that counts, 0 for none.
   * `undefined` for members and strangers.
   */
  cutOf?(device: DeviceId): { readonly seq: number } | undefined
  /** Calls the listener after any of this changed. */
  onChange?(listener: () => void): () => void
}

/** What a log needs of its surroundings. */
export interface LogComponents extends SealComponents {
  readonly store: Store
  readonly dataKeys: DataKeys
  readonly members: Members
  /** The device's Ed25519 key. Without it the log is read and replicated, not written. */
  readonly signer?: Signer
}

/** Settings of a log. */
export interface LogInit {
  readonly vault: VaultId
  /** The epoch to write in, asked at every append. */
  epoch(): EpochId
}

/** How far a device's log is held: its last entry's number, and base64url of the hash of its last frame. */
export interface LogHead {
  readonly seq: number
  readonly hash: string
  /** From this number on the device is known to have signed two histories. */
  readonly forkedAt?: number
}

/** A frame as it is sent: what it holds, and its bytes. */
export interface LogFrame {
  readonly device: DeviceId
  readonly first: number
  readonly last: number
  readonly bundle: Uint8Array
}

/** News: entries `first` to `last` of a device are stored, written here or received. */
export interface LogEvent {
  readonly device: DeviceId
  readonly first: number
  readonly last: number
  readonly origin: 'here' | 'peer'
  /** True when a roster operation is among them. */
  readonly hasRoster: boolean
}

/** Entries of a removed device that lie beyond where its log was cut: held, passed on, and not delivered. */
export interface Quarantined {
  readonly device: DeviceId
  readonly first: number
  readonly last: number
}

/** A frame that was stored, or was here already (`isNew: false`). */
export interface Received {
  readonly device: DeviceId
  readonly first: number
  readonly last: number
  readonly isNew: boolean
}

/**
 * What came of a received frame. Problem codes: `malformed`, `not_a_member`, `removed` (more than is kept of what a removed device
 * wrote beyond its cut), `bad_signature`, `gap` (frames before it are
 * missing here), `fork` (kept as evidence, never delivered).
 */
export type ReceiveOutcome =
  | ({ readonly ok: true } & Received)
  | (Refusal & {
      /** Whose frame it says it is; absent for bytes that are none. */
      readonly device?: DeviceId
    })

/** Entries of the logs of devices, by their numbers. */
export type DroppedEntries = Readonly<Record<DeviceId, readonly number[]>>

/** The logs of a vault's devices as held by one of them. */
export interface Log {
  readonly vault: VaultId
  /** This device, when the log was opened with a signer. */
  readonly device: DeviceId | undefined
  /**
   * Writes entries to this device's log, in order; durable when it resolves. Calls made at the same time share a frame
   * and a commit. All entries of a call are on disk or none.
   * Throws `ERR_HEAD_UNCONFIRMED` before {@link confirmHead} or {@link knownOffline}, `ERR_ROLLED_BACK`,
   * `ERR_TOO_LARGE` over `MAX_BODY_LENGTH`, `ERR_KEY_UNKNOWN`, and whatever the store throws (nothing was written then).
   */
  append(drafts: readonly EntryDraft[]): Promise<readonly EntryAddress[]>
  /**
   * Compares this device's log with what another device or a replica holds of it (nothing: `undefined`), which protocol
   * rule 3 asks for before the first write after opening. Throws `ERR_ROLLED_BACK` when they hold more, or something
   * else: this store is an old copy, and the device has to enrol again under a new id.
   */
  confirmHead(theirs: { readonly seq: number; readonly hash: string } | undefined): Promise<void>
  /** Says that nobody can be reached to compare with, so that writing may begin. */
  knownOffline(): void
  /** True while the disk may have lost the end of this device's log: it writes once another device has confirmed it. */
  readonly isHeadDoubted: boolean
  /** True once the device knows that others hold entries of it that this store has lost. It never writes again. */
  readonly isRolledBack: boolean
  /** How far each device's log is held. */
  heads(): Readonly<Record<DeviceId, LogHead>>
  /** How far each device's log is *delivered*: up to its head, to where it forked, or to where a removal cut it. */
  seen(): VersionVector
  /** True when the frame ending at `seq` is held in the main branch and has that hash (as in {@link LogHead}). */
  hasFrame(device: DeviceId, seq: number, hash: string): Promise<boolean>
  /**
   * The entries of a device in order, both ends included, up to where it forked and, unless `beyondCut`, to where a
   * removal cut it. The roster reads beyond: whether the removal counts may be said there.
   */
  entries(
    device: DeviceId,
    range?: { readonly from?: number; readonly to?: number; readonly beyondCut?: boolean },
  ): AsyncIterable<LogEntry>
  /** What removed devices wrote beyond their cuts, as far as it is held. */
  quarantined(): readonly Quarantined[]
  /**
   * What someone who holds this much lacks, up to the heads at the time of the call. A frame comes after all that its
   * writer had seen, so that whoever receives it knows by then that the writer is a member.
   */
  frames(after: VersionVector): AsyncIterable<LogFrame>
  /** Addresses into the main branch, newest first and ever sparser, for finding where another's branch parted. */
  landmarks(device: DeviceId): Promise<readonly { readonly seq: number; readonly hash: string }[]>
  /** The frames that show a device's fork: the one of the main branch where it begins, and all kept of other branches. */
  evidence(device: DeviceId): AsyncIterable<LogFrame>
  /** As {@link receiveAll}, for one frame. */
  receive(bundle: Uint8Array): Promise<ReceiveOutcome>
  /**
   * Checks frames (shape, membership, signature, chain, hashes) and stores what is new, durably, in one commit; where
   * a frame makes its successor's writer a member, in as many as that takes. One outcome per frame, in order.
   */
  receiveAll(bundles: readonly Uint8Array[]): Promise<readonly ReceiveOutcome[]>
  /** What the disk lost of each device's log, as far as that was noticed. {@link entries} passes over them. */
  holes(): Holes
  /**
   * Reads every frame held and checks its signature and its place. What is not there, or does not open, is noted as lost;
   * what is there again no longer is. Gives what is lost now.
   */
  audit(): Promise<Holes>
  /**
   * Gives up what is lost and not back yet, when nobody is left who could give it back: this device then writes on without
   * it. What comes back all the same is taken.
   */
  giveUpHoles(): Promise<void>
  /** Replaces payloads by their hashes, on this disk: the chain still verifies (protocol rule 1). */
  dropPayloads(device: DeviceId, seqs: readonly number[]): Promise<void>
  /**
   * Replaces the payloads of all entries that are sealed with such a key by their hashes, in every branch held. `onFound`
   * is told first which entries of main branches they are, and waited for; a crash in between is no harm, for it can be
   * called again. It reads all that is held. What is received later with an erased key is stored without its payload.
   */
  dropSealed(
    isGone: (key: KeyId) => boolean,
    onFound?: (found: DroppedEntries) => Promise<void>,
  ): Promise<void>
  /**
   * Calls the listener after entries became durable. A listener that returns a promise is waited for before the next
   * frame is judged (the roster does that); it must not wait for an `append` of its own in it.
   */
  onAppend(listener: (event: LogEvent) => void | Promise<void>): () => void
  /** Calls the listener when a device is found to have forked, or to have forked earlier than was known. */
  onFork(listener: (proof: ForkProof) => void): () => void
  /** Calls the listener after a removal, or its end, changed how far a device's log is delivered. */
  onCut(listener: () => void): () => void
  /** The proofs of all forks seen. */
  forks(): readonly ForkProof[]
}
