import type { Store } from '@muniment/interface'
import { MemoryLevel } from 'memory-level'
import { BYTE_ENCODINGS, levelEngine } from './level-engine.ts'
import { sealedStore, type SealedStoreInit } from './sealed-store.ts'

/** A store that lives as long as the program: for tests, and for a vault that only looks on. Rows are sealed too. */
export async function openMemoryStore(init: SealedStoreInit): Promise<Store> {
  const database = new MemoryLevel<Uint8Array, Uint8Array>({ ...BYTE_ENCODINGS, storeEncoding: 'view' })
  await database.open()
  return sealedStore(levelEngine(database), init)
}
