import {
  isMunimentError,
  MunimentError,
  type Row,
  type RowKey,
  type Store,
  type StoreChange,
} from '@muniment/interface'

/** A store in memory for tests: nothing is sealed and nothing survives. It counts commits, and fails when told to. */
export interface UnsafeTestingStore extends Store {
  readonly tables: Map<string, Map<RowKey, Uint8Array>>
  commits: number
  failNext: boolean
  /** A copy of all rows now, as a machine backup makes one. */
  copy(): UnsafeTestingStore
}

export function unsafeTestingStore(tables = new Map<string, Map<RowKey, Uint8Array>>()): UnsafeTestingStore {
  const rows = (table: string) => [...(tables.get(table) ?? new Map<RowKey, Uint8Array>())]
  return {
    tables,
    commits: 0,
    failNext: false,
    async get(table, key) {
      return tables.get(table)?.get(key)
    },
    async *list(table, { from = 0, to = Infinity, reverse = false, limit = Infinity } = {}) {
      const numbered = rows(table)
        .map(([key, value]) => ({ key: Number(key), value }))
        .filter(({ key }) => key >= from && key <= to)
        .sort((a, b) => (reverse ? b.key - a.key : a.key - b.key))
      yield* numbered.slice(0, limit) as Row<number>[]
    },
    async *listNames(table) {
      for (const [key, value] of rows(table)) yield { key: String(key), value }
    },
    async commit(changes: readonly StoreChange[]) {
      await Promise.resolve()
      if (this.failNext) {
        this.failNext = false
        throw new MunimentError('ERR_STORE_FULL', 'no room')
      }
      this.commits++
      for (const { table, key, value } of changes) {
        const held = tables.get(table) ?? new Map<RowKey, Uint8Array>()
        tables.set(table, held)
        if (value) held.set(key, value)
        else held.delete(key)
      }
    },
    async purge() {},
    async close() {},
    copy: () => unsafeTestingStore(new Map([...tables].map(([name, held]) => [name, new Map(held)]))),
  }
}

export const codeOf = (error: unknown): string => (isMunimentError(error) ? error.code : String(error))
