import { type CanonicalValue, fromCanonical, toCanonical } from '@muniment/crypto'
import { TABLES } from './rows.ts'
import type { Tables } from './tables.ts'

/** Small rows that the vault keeps for itself. */
export interface Meta {
  getMeta(name: string): Promise<unknown>
  /** `undefined` takes the row away. */
  putMeta(name: string, value: CanonicalValue | undefined): void
}

/** The small rows among the tables. */
export function metaOf(tables: Tables): Meta {
  return {
    async getMeta(name) {
      const value = await tables.get(TABLES.meta, name)
      return value && fromCanonical(value)
    },
    putMeta: (name, value) =>
      tables.put([
        { table: TABLES.meta, key: name, value: value === undefined ? undefined : toCanonical(value) },
      ]),
  }
}
