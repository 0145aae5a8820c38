import type { StoreChange } from '@muniment/interface'
import { TABLES } from './rows.ts'

/** The changes after which the vault's tables are made anew from the log when it is opened the next time. */
export function rebuildChanges(): readonly StoreChange[] {
  return [{ table: TABLES.meta, key: 'version', value: undefined }]
}
