import {
  type Cryptography,
  isMunimentError,
  MunimentError,
  type Random,
  type Row,
  type RowRange,
  type Store,
  type StoreChange,
} from '@muniment/interface'
import type { Engine, WriteOperation } from './engine.ts'
import { type GroupCommit, groupCommit } from './group-commit.ts'
import { NAME_LENGTH, NUMBER_LENGTH, rowKeys, TABLE_LENGTH } from './row-keys.ts'
import { type RowSeal, rowSeal } from './row-seal.ts'

/** What a store is made with. */
export interface SealedStoreInit {
  /** 32 bytes, of which the sealing key and the key of names are derived. */
  readonly key: Uint8Array
  readonly cryptography: Cryptography
  readonly random: Random
}

const EVERY_NAME = { from: new Uint8Array(NAME_LENGTH), to: new Uint8Array(NAME_LENGTH).fill(0xff) }
const LARGEST_NUMBER = Number.MAX_SAFE_INTEGER

function openedOrNothing(
  rows: RowSeal,
  storageKey: Uint8Array,
  sealed: Uint8Array,
): ReturnType<RowSeal['open']> | undefined {
  try {
    return rows.open(storageKey, sealed)
  } catch (error) {
    if (isMunimentError(error, 'ERR_STORE_DAMAGED')) return undefined
    throw error
  }
}

function operationOf(
  { keys, rows }: { readonly keys: ReturnType<typeof rowKeys>; readonly rows: RowSeal },
  { table, key, value }: StoreChange,
): WriteOperation {
  const storageKey = keys.of(table, key)
  return { key: storageKey, value: value && rows.seal(storageKey, key, value) }
}

/** Purges between two writes, and again while somebody had begun to read meanwhile. */
async function purgeWhole({
  engine,
  commits,
  refuseWhenClosed,
}: {
  readonly engine: Engine
  readonly commits: GroupCommit
  readonly refuseWhenClosed: () => void
}): Promise<void> {
  const outcome = { isClean: false }
  while (!outcome.isClean) {
    refuseWhenClosed()
    await engine.idle()
    await commits.alone(async () => {
      outcome.isClean = await engine.purge()
    })
  }
}

/** The {@link Store} over an engine: it seals rows to their places and groups commits. */
export function sealedStore(engine: Engine, init: SealedStoreInit): Store {
  const keys = rowKeys(init.cryptography, init.key)
  const rows = rowSeal(init)
  const commits = groupCommit((operations) => engine.write(operations))
  let closing: Promise<void> | undefined

  const refuseWhenClosed = (): void => {
    if (closing) throw new MunimentError('ERR_STORE_CLOSED', 'this store is closed')
  }

  async function* opened(
    range: Parameters<Engine['entries']>[0],
    onDamaged?: (storageKey: Uint8Array) => void,
  ): AsyncGenerator<Row & { storageKey: Uint8Array }> {
    refuseWhenClosed()
    for await (const [storageKey, sealed] of engine.entries(range)) {
      const row = onDamaged ? openedOrNothing(rows, storageKey, sealed) : rows.open(storageKey, sealed)
      if (row) yield { storageKey, key: row.name ?? keys.numberOf(storageKey), value: row.value }
      else onDamaged?.(storageKey)
      refuseWhenClosed()
    }
  }

  return {
    async get(table, key) {
      refuseWhenClosed()
      const storageKey = keys.of(table, key)
      const sealed = await engine.get(storageKey)
      return sealed && rows.open(storageKey, sealed).value
    },
    async *list(
      table,
      { from = 0, to = LARGEST_NUMBER, reverse = false, limit = -1, onDamaged }: RowRange = {},
    ) {
      const [first, last] = [keys.of(table, from), keys.of(table, to)]
      const tell = onDamaged && ((storageKey: Uint8Array) => onDamaged(keys.numberOf(storageKey)))
      for await (const { key, value, storageKey } of opened({ first, last, reverse, limit }, tell)) {
        if (typeof key === 'number' && storageKey.length === TABLE_LENGTH + NUMBER_LENGTH)
          yield { key, value }
      }
    },
    async *listNames(table, { onDamaged } = {}) {
      const [first, last] = keys.bounds(table, EVERY_NAME)
      const range = { first, last, reverse: false, limit: -1 }
      for await (const { key, value } of opened(range, onDamaged && (() => onDamaged()))) {
        if (typeof key === 'string') yield { key, value }
      }
    },
    async commit(changes) {
      refuseWhenClosed()
      if (changes.length === 0) return
      await commits.write(changes.map((change) => operationOf({ keys, rows }, change)))
    },
    purge: () => purgeWhole({ engine, commits, refuseWhenClosed }),
    close() {
      closing ??= commits.settled().then(() => engine.close())
      return closing
    },
  }
}
