/**
 * Where a device keeps its rows, its keyring and the key to both: sealed tables on disk (Level) or in memory, and a
 * header that a passphrase opens.
 *
 * @example
 * ```ts
 * import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
 * import { openMemoryStore } from 'muniment/store'
 *
 * const store = await openMemoryStore({ key: random(32), cryptography, random })
 * await store.commit([{ table: 'notes', key: 'rent', value: Uint8Array.of(9, 0, 0) }])
 * await store.get('notes', 'rent') // Uint8Array [9, 0, 0]
 * ```
 * @packageDocumentation
 */
export type { CheckedStore, CheckOptions, StoreCheck } from './check-store.ts'
export type { ReadOnly } from './disk-room.ts'
export { makeFolder, replaceFile } from './durable-files.ts'
export { fileKeyring, sealedFile } from './file-keyring.ts'
export { createKeyFile, KEY_FILE_WARNING, readKeyFile } from './key-file.ts'
export {
  changeUnlocking,
  createKeyHeader,
  type KeyHeaderComponents,
  mendKeyFile,
  openKeyHeader,
  type Unlocking,
} from './key-header.ts'
export { KEY_PARAMETERS, KEY_PARAMETERS_CEILING, KEY_PARAMETERS_FLOOR } from './key-parameters.ts'
export { type LevelStoreInit, type MendingInit, openLevelStore } from './level-store.ts'
export { memoryKeyring } from './memory-keyring.ts'
export { openMemoryStore } from './memory-store.ts'
export type { SealedStoreInit } from './sealed-store.ts'
export type { StoreDamage, StoreLoss } from './store-damage.ts'
export { type VaultFileKeys, vaultFileKeys } from './vault-keys.ts'
