import type { Store, StoreChange } from '@muniment/interface'
import { copyBytes, HOLDER_TABLES, readCopies } from './holder-rows.ts'

/** Whom a copy was shown to when that is not known any more: nobody is called so. */
const UNKNOWN = ''

/**
 * The changes that take every fresh copy for shown, after a store may have gone back to what it was: two who were shown one
 * copy could tell that they know the same person.
 */
export async function spendCopies(store: Store): Promise<readonly StoreChange[]> {
  const copies = await readCopies(store)
  return copies
    .filter(({ row }) => row.usedFor === null)
    .map(({ key, row }) => ({
      table: HOLDER_TABLES.copies,
      key,
      value: copyBytes({ ...row, usedFor: UNKNOWN }),
    }))
}
