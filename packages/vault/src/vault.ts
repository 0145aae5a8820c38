import type {
  Clock,
  Compression,
  DeviceId,
  Did,
  ErasableKeys,
  FieldValue,
  Milliseconds,
  Provenance,
  RecordDraft,
  Store,
} from '@muniment/interface'
import type { SealComponents } from '@muniment/crypto'
import type { DroppedEntries, EntryAddress, Log } from '@muniment/log'
import type { Fingerprint } from './fingerprint.ts'
import type { ConflictedRecord, VaultRecord } from './record.ts'
import type { RecordId } from './record-id.ts'
import type { QuarantineRow } from './rows.ts'

/** What a vault needs of its surroundings. */
export interface VaultComponents extends SealComponents {
  readonly log: Log
  readonly dataKeys: ErasableKeys
  /** Holds tables that can be made again from the log. The log may use the same store. */
  readonly store: Store
  readonly clock: Clock
  readonly compression: Compression
}

/** Settings of a vault. */
export interface VaultInit {
  /** This device. */
  readonly device: DeviceId
  /** The Yjs client id that the roster assigned to a device; `undefined` while the roster does not know it. */
  readonly clientIdOf: (device: DeviceId) => number | undefined
}

/** Drafts one by one or in batches, at once or as they are read. */
export type Drafts =
  | Iterable<RecordDraft | readonly RecordDraft[]>
  | AsyncIterable<RecordDraft | readonly RecordDraft[]>

/** How an import is going. */
export interface ImportProgress {
  readonly imported: number
  readonly duplicates: number
}

/** Settings of an import. */
export interface ImportOptions {
  /** The file's name, as shown in provenance. */
  readonly file?: string
  /** The format that was recognised. */
  readonly format?: string
  /** What makes two items the same; by default their whole content. */
  readonly fingerprint?: Fingerprint
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: ImportProgress) => void
}

/** What an import came to. */
export interface ImportResult extends ImportProgress {
  readonly importId: string
}

/** An import in the list of imports. */
export interface ImportSummary extends ImportResult {
  readonly provenance: Provenance
  readonly device: DeviceId
}

/** Which records to list. */
export interface ListOptions {
  readonly collection?: string
  /** The newest first (the default), or the oldest. Records without a time come last either way. */
  readonly newestFirst?: boolean
  readonly limit?: number
  /** Lists from after this record on. */
  readonly after?: RecordId
}

/** Changes of a record: fields by name (`undefined` takes the field away), title, time. */
export interface RecordChanges {
  readonly title?: string
  /** `null` takes the time away. */
  readonly time?: string | null
  readonly fields?: { readonly [name: string]: FieldValue | undefined }
}

/** News of the vault, from here or from another device. Each event has one of the members. */
export interface VaultEvent {
  /** Records of this collection changed. */
  readonly collection?: string
  /** Which; absent when many came or went. */
  readonly ids?: readonly RecordId[]
  /** Settings of these names changed. */
  readonly settings?: readonly string[]
}

/** Something that was asked to be erased, and how far that is. */
export interface Erasure {
  readonly importId: string
  /** How many records. */
  readonly records: number
  /** The device that it was asked for on, and when. */
  readonly device: DeviceId
  readonly at: Milliseconds
  /** The devices on whose disks nothing of it is left, as each said itself. */
  readonly doneBy: readonly DeviceId[]
}

/** A ledger entry as read back. */
export interface LedgerEntry {
  readonly relationship: string
  readonly body: Uint8Array
  readonly address: EntryAddress
}

/** All of one person's records, as this device holds them. */
export interface Vault {
  /** Keeps a record that a person typed in. Throws `ERR_TOO_LARGE` and `ERR_INVALID_ARGUMENT`. */
  create(draft: RecordDraft): Promise<RecordId>
  /**
   * Imports drafts: what the vault has already, by count of occurrences, is left out. An import shows as a whole or not
   * at all. Throws `ERR_ABORTED`, `ERR_TOO_LARGE`, `ERR_INVALID_ARGUMENT`, and what the source, log and store throw;
   * nothing of it shows then.
   */
  addImport(drafts: Drafts, options?: ImportOptions): Promise<ImportResult>
  /** Keeps what an organisation sent or certified, as an import of its own without a look for duplicates. */
  addReceived(
    drafts: Drafts,
    from: { readonly assurance: 'sent' | 'certified'; readonly organisation: Did; readonly format?: string },
  ): Promise<ImportResult>
  /** Takes an import back, on all devices, with the edits of its records. Throws `ERR_NOT_FOUND`. */
  undoImport(importId: string): Promise<void>
  /**
   * Erases an import with the edits of its records, for good: the keys that it is sealed with are destroyed, and its bytes
   * leave this disk before it resolves, and each other device's when that hears of it. An import that was taken back can
   * be erased too. What a crash interrupts is brought to its end at the next opening. Throws `ERR_NOT_FOUND`.
   */
  eraseImport(importId: string): Promise<Erasure>
  /** What was asked to be erased, on any device, the latest first. */
  erasures(): readonly Erasure[]
  /**
   * Entries whose payloads left the log after the sweep of that number (0: from the first), so that replicas can be told
   * to forget them.
   */
  droppedEntries(after: number): AsyncIterable<{ readonly sweep: number; readonly entries: DroppedEntries }>
  /** The number of the last sweep; 0 before the first. */
  lastSweep(): Promise<number>
  /**
   * Waits until what was asked to be erased, here or elsewhere, is gone from this disk and this device has said so. It
   * happens by itself soon after the device hears of it.
   */
  tidied(): Promise<void>
  /** The imports in sight, the latest first. */
  imports(): readonly ImportSummary[]
  /** A record with its edits, or `undefined` when there is none or it was removed. */
  record(id: RecordId): Promise<VaultRecord | undefined>
  /** Records by time. Segments are opened as the loop goes on. */
  records(options?: ListOptions): AsyncIterable<VaultRecord>
  /** How many records each collection has. */
  collections(): ReadonlyMap<string, number>
  /** How many records there are. */
  readonly count: number
  /**
   * Writes over a record, as one entry. On a field in conflict it changes this device's side only; see `settle`.
   * Throws `ERR_NOT_FOUND`, `ERR_TOO_LARGE` and `ERR_INVALID_ARGUMENT`.
   */
  edit(id: RecordId, changes: RecordChanges): Promise<void>
  /** Removes a record. An edit that another device made without having seen it keeps the record as a conflict. */
  remove(id: RecordId): Promise<void>
  /** Takes a removal back, or decides a conflict about one for the record. */
  restore(id: RecordId): Promise<void>
  /** The records that devices disagree about. */
  conflicts(): AsyncIterable<ConflictedRecord>
  /** A person's decision in a conflict: these values replace all sides. */
  settle(id: RecordId, changes: RecordChanges): Promise<void>
  /** Records whose title holds all words of the text, the newest segments first; accents and case do not matter. */
  searchTitles(text: string, options?: { readonly limit?: number }): Promise<readonly VaultRecord[]>
  /** Calls the listener after records or settings changed. The returned function ends it. */
  observe(listener: (event: VaultEvent) => void): () => void
  /** A small synced value. */
  getSetting(name: string): Promise<FieldValue | undefined>
  /** Writes a small synced value (`undefined` takes it away). Of concurrent values all devices show the same one. */
  putSetting(name: string, value: FieldValue | undefined): Promise<void>
  /** All settings whose name begins so. */
  settings(prefix?: string): Promise<ReadonlyMap<string, FieldValue>>
  /** Appends to the ledger, sealed under a data key of its own (protocol rule 17). Durable when it resolves. */
  appendLedger(entry: { readonly relationship: string; readonly body: Uint8Array }): Promise<EntryAddress>
  /** Ledger entries of one relationship or of all, in the order in which they came here. Erased ones are left out. */
  ledger(relationship?: string): AsyncIterable<LedgerEntry>
  /**
   * Log entries that were refused, with reasons, and those that removed devices wrote beyond where their logs end (code
   * `removed`). They stay in the log.
   */
  quarantine(): readonly QuarantineRow[]
  /** Tells that data keys arrived: entries that waited for them are taken in. */
  keysChanged(): Promise<void>
  /** Waits until everything that is in the log is taken in, and the tables are on disk. */
  settled(): Promise<void>
  /** Stops, with the tables on disk. The log and the store stay open. */
  close(): Promise<void>
}
