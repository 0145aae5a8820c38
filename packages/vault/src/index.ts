/**
 * The records of one person: imported ones in sealed segments that never change, typed ones and edits in Yjs shards that
 * merge, with where each came from and what devices disagree about.
 *
 * @example
 * ```ts
 * import { openVault } from '@muniment/vault'
 *
 * const vault = await openVault({ log, dataKeys, store, cryptography, random, clock, compression }, { device, clientIdOf })
 * const id = await vault.create({ collection: 'note', title: 'Rent', fields: { amount: '900.00', currency: 'EUR' } })
 * await vault.edit(id, { fields: { amount: '920.00' } })
 * for await (const record of vault.records({ limit: 10 })) console.log(record.title, record.provenance.assurance)
 * ```
 * @packageDocumentation
 */
export {
  MAX_EDIT_LENGTH,
  MAX_FIELD_DEPTH,
  MAX_NAME_LENGTH,
  MAX_SHARD_RECORDS,
  MAX_TITLE_LENGTH,
} from './constants.ts'
export { contentFingerprint, type Fingerprint } from './fingerprint.ts'
export { openVault } from './open-vault.ts'
export type { Conflict, ConflictedRecord, ConflictValue, Edited, VaultRecord } from './record.ts'
export { rebuildChanges } from './rebuild.ts'
export type { RecordId } from './record-id.ts'
export type { QuarantineRow } from './rows.ts'
export type {
  Drafts,
  Erasure,
  ImportOptions,
  ImportProgress,
  ImportResult,
  ImportSummary,
  LedgerEntry,
  ListOptions,
  RecordChanges,
  Vault,
  VaultComponents,
  VaultEvent,
  VaultInit,
} from './vault.ts'
