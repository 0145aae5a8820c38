import type { RowKey, Store, StoreChange } from '@muniment/interface'

/**
 * The vault's tables, written behind: everything in them can be made again from the log, so a caller does not wait for
 * the disk twice. Changes reach the disk in the order they were made, whole groups at a time.
 */
export interface Tables {
  /** Notes changes that belong together: they reach the disk in one commit, with all that were noted before. */
  put(changes: readonly StoreChange[]): void
  /** A row as noted, or as it is on disk. */
  get(table: string, key: RowKey): Promise<Uint8Array | undefined>
  /** Rows that wait. */
  readonly waiting: number
  /** Waits until all that was noted is on disk. Throws what the store throws; the changes stay noted then. */
  flush(): Promise<void>
}

/** The write-behind over a store. */
export function openTables(store: Store): Tables {
  let pending = new Map<string, StoreChange>()
  let underway = new Map<string, StoreChange>()
  let writing: Promise<void> | undefined

  async function write(): Promise<void> {
    while (pending.size > 0) {
      const group = pending
      underway = group
      pending = new Map()
      try {
        await store.commit([...group.values()])
      } catch (error) {
        for (const [key, change] of pending) group.set(key, change)
        pending = group
        throw error
      } finally {
        underway = new Map()
      }
    }
  }

  return {
    put(changes) {
      for (const change of changes) pending.set(rowName(change.table, change.key), change)
    },
    async get(table, key) {
      const name = rowName(table, key)
      const noted = pending.get(name) ?? underway.get(name)
      return noted ? noted.value : store.get(table, key)
    },
    get waiting() {
      return pending.size
    },
    async flush() {
      writing ??= write().finally(() => {
        writing = undefined
      })
      await writing
    },
  }
}

function rowName(table: string, key: RowKey): string {
  return `${typeof key}:${table}\n${key}`
}
