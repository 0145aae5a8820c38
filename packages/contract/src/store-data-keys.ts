import { base64url } from '@muniment/crypto'
import type { DataKeys, KeyId, Random, Store } from '@muniment/interface'

const TABLE = 'contract/body-keys'
const KEY_ID_LENGTH = 16
const KEY_LENGTH = 32
const ERASED = new Uint8Array(0)

/** Data keys that can also be destroyed. */
export interface ErasableDataKeys extends DataKeys {
  /** Destroys the keys: what they sealed opens no more. Durable when it resolves. */
  erase(ids: readonly KeyId[]): Promise<void>
}

/** An organisation's keys for the bodies of its ledger, as rows of its store; read into memory once. */
export async function openStoreDataKeys(components: {
  readonly store: Store
  readonly random: Random
}): Promise<ErasableDataKeys> {
  const { store, random } = components
  const keys = new Map<KeyId, Uint8Array>()
  for await (const { key, value } of store.listNames(TABLE)) keys.set(key, value)
  const write = async (rows: readonly (readonly [KeyId, Uint8Array])[]): Promise<void> => {
    await store.commit(rows.map(([key, value]) => ({ table: TABLE, key, value })))
    for (const [id, value] of rows) keys.set(id, value)
  }
  return {
    get(id) {
      const key = keys.get(id)
      return key === undefined || key.length === 0 ? undefined : key
    },
    isErased: (id) => keys.get(id)?.length === 0,
    // An organisation has one store, and nobody is removed from it.
    isCurrent: (id) => (keys.get(id)?.length ?? 0) > 0,
    async create(count) {
      const rows = Array.from(
        { length: count },
        () => [base64url(random(KEY_ID_LENGTH)), random(KEY_LENGTH)] as const,
      )
      await write(rows)
      return rows.map(([id]) => id)
    },
    async erase(ids) {
      await write(ids.map((id) => [id, ERASED] as const))
    },
  }
}
