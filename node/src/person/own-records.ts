import type { FieldValue } from '@muniment/interface'
import type {
  ConflictedRecord,
  ListOptions,
  RecordChanges,
  RecordId,
  VaultEvent,
  VaultRecord,
} from '@muniment/vault'
import { nodeClock } from '../platform/index.ts'
import type { PersonParts } from './open-parts.ts'

/** The records of a vault, as the person reads and edits them. */
export interface OwnRecords {
  /** Writes a record by hand. */
  note(title: string, fields?: { readonly [name: string]: FieldValue }): Promise<RecordId>
  /** A record, or `undefined`. */
  record(id: RecordId): Promise<VaultRecord | undefined>
  /** Records by time, the newest first. */
  records(options?: ListOptions): AsyncIterable<VaultRecord>
  /** How many records there are. */
  count(): Promise<number>
  /** How many records each collection has. */
  collections(): ReadonlyMap<string, number>
  /** Changes a record. Another device's change of the same field, made without sight of this one, is kept beside it. */
  edit(id: RecordId, changes: RecordChanges): Promise<void>
  /** Removes a record. */
  remove(id: RecordId): Promise<void>
  /** What devices disagree about. */
  conflicts(): AsyncIterable<ConflictedRecord>
  /** Decides a conflict. */
  settle(id: RecordId, changes: RecordChanges): Promise<void>
  /** Finds records by the words of their titles. */
  search(text: string, options?: { readonly limit?: number }): Promise<readonly VaultRecord[]>
  /** Tells of changes, from here or from another device. The returned function ends it. */
  observe(listener: (event: VaultEvent) => void): () => void
}

/** The records of a vault. */
export function ownRecords({ vault }: PersonParts, writable: () => Promise<void>): OwnRecords {
  return {
    async note(title, fields = {}) {
      await writable()
      const time = new Date(nodeClock.now()).toISOString()
      return vault.create({ collection: 'note', title, fields, time })
    },
    record: (id) => vault.record(id),
    records: (options) => vault.records(options),
    count: async () => vault.count,
    collections: () => vault.collections(),
    async edit(id, changes) {
      await writable()
      await vault.edit(id, changes)
    },
    async remove(id) {
      await writable()
      await vault.remove(id)
    },
    conflicts: () => vault.conflicts(),
    async settle(id, changes) {
      await writable()
      await vault.settle(id, changes)
    },
    search: (text, options) => vault.searchTitles(text, options),
    observe: (listener) => vault.observe(listener),
  }
}
