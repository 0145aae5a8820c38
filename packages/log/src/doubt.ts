import type { Store, StoreChange } from '@muniment/interface'

const TABLE = 'log/doubt'
const OWN = 'own'

/** The change that notes, or takes back, that this device may have written more than its store still knows of. */
export function doubtChange(isDoubted: boolean): StoreChange {
  return { table: TABLE, key: OWN, value: isDoubted ? new Uint8Array(0) : undefined }
}

/** True when that was noted. */
export async function readDoubt(store: Store): Promise<boolean> {
  return (await store.get(TABLE, OWN)) !== undefined
}
