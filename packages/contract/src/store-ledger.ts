import type { Did, Store, StoreChange } from '@muniment/interface'
import { MunimentError } from '@muniment/interface'
import type { LedgerStore } from './ledger.ts'
import { parseLedgerEntry } from './ledger-entry.ts'

const RELATIONSHIPS = 'contract/relationships'
const PRESENT = new Uint8Array([1])

/** A ledger store over the port Store, whose entries can be committed together with other rows. */
export interface StoreLedger extends LedgerStore {
  /** The changes that `append` would commit. Throws `ERR_ALREADY_EXISTS` when the chain has grown since. */
  changes(relationship: Did, entries: readonly Uint8Array[]): Promise<readonly StoreChange[]>
}

/** Keeps each relationship's chain as a numbered table of the store: an organisation's side. */
export function storeLedger(store: Store): StoreLedger {
  const changes: StoreLedger['changes'] = async (relationship, entries) => {
    const table = tableOf(relationship)
    const rows: StoreChange[] = [{ table: RELATIONSHIPS, key: relationship, value: PRESENT }]
    for (const value of entries) {
      const key = parseLedgerEntry(value).n
      if ((await store.get(table, key)) !== undefined) {
        throw new MunimentError('ERR_ALREADY_EXISTS', 'the ledger has grown since this entry was made')
      }
      rows.push({ table, key, value })
    }
    return rows
  }
  return {
    changes,
    async append(relationship, entries) {
      await store.commit(await changes(relationship, entries))
    },
    async *read(relationship) {
      for await (const { value } of store.list(tableOf(relationship))) yield value
    },
    async *relationships() {
      for await (const { key } of store.listNames(RELATIONSHIPS)) yield key
    },
  }
}

function tableOf(relationship: Did): string {
  return `contract/ledger/${relationship}`
}
