/**
 * Where a device keeps its rows and its keyring: sealed tables on disk (Level) or in memory.
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
export { type LevelStoreInit, openLevelStore } from './level-store.ts'
export { openMemoryStore } from './memory-store.ts'
export type { SealedStoreInit } from './sealed-store.ts'
