import { MunimentError, type Row, type RowKey, type Store } from '@muniment/interface'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** The largest row that a store must take: a frame of 64 KiB and what surrounds it, with room to spare. */
const LARGE_ROW = 1 << 20

/**
 * Runs what every {@link Store} must do.
 *
 * @param name - what is tested, for the report
 * @param open - opens a fresh, empty store; called once for each test
 */
export function storeCompliance(name: string, open: () => Promise<Store>): void {
  describe(`${name}, as a store`, () => {
    let store: Store

    beforeEach(async () => {
      store = await open()
    })
    afterEach(async () => {
      await store.close()
    })

    oneRowAtATime(() => store)
    numberedTables(() => store)
    namedTables(() => store)
    commits(() => store)
    closing(() => store)
  })
}

function oneRowAtATime(store: () => Store): void {
  it('what was committed under a name is read back under that name', async () => {
    await put(store(), 'notes', 'rent', [9, 0, 0])

    expect(await store().get('notes', 'rent')).toEqual(bytes(9, 0, 0))
  })

  it('what was committed under a number is read back under that number', async () => {
    await put(store(), 'log', 7, [7])

    expect(await store().get('log', 7)).toEqual(bytes(7))
  })

  it('nothing is read where nothing was written', async () => {
    await put(store(), 'notes', 'rent', [1])

    expect(await store().get('notes', 'water')).toBeUndefined()
    expect(await store().get('log', 1)).toBeUndefined()
  })

  it('two tables hold different rows under one name', async () => {
    await put(store(), 'notes', 'rent', [1])
    await put(store(), 'labels', 'rent', [2])

    expect(await store().get('notes', 'rent')).toEqual(bytes(1))
    expect(await store().get('labels', 'rent')).toEqual(bytes(2))
  })

  it('a later value replaces the earlier one', async () => {
    await put(store(), 'notes', 'rent', [1])
    await put(store(), 'notes', 'rent', [2])

    expect(await store().get('notes', 'rent')).toEqual(bytes(2))
  })

  it('a removed row is gone', async () => {
    await put(store(), 'notes', 'rent', [1])
    await store().commit([{ table: 'notes', key: 'rent', value: undefined }])

    expect(await store().get('notes', 'rent')).toBeUndefined()
    expect(await names(store(), 'notes')).toEqual([])
  })

  it('an empty value is a value', async () => {
    await put(store(), 'notes', 'rent', [])

    expect(await store().get('notes', 'rent')).toEqual(bytes())
  })

  it('a row of one MiB comes back whole', async () => {
    const large = new Uint8Array(LARGE_ROW).map((_, index) => index % 251)
    await store().commit([{ table: 'log', key: 1, value: large }])

    expect(await store().get('log', 1)).toEqual(large)
  })

  it('a value changed by its owner after the commit is stored as it was', async () => {
    const value = bytes(1, 2, 3)
    const committed = store().commit([{ table: 'notes', key: 'rent', value }])
    value.fill(0)
    await committed

    expect(await store().get('notes', 'rent')).toEqual(bytes(1, 2, 3))
  })
}

function numberedTables(store: () => Store): void {
  it('numbered rows are listed in the order of their numbers', async () => {
    const numbers = [256, 1, 2 ** 53 - 1, 0, 255, 65_536, 2 ** 32]
    await store().commit(numbers.map((key) => ({ table: 'log', key, value: bytes(key % 256) })))

    expect(await keys(store().list('log'))).toEqual(numbers.toSorted((left, right) => left - right))
  })

  it('a range lists its two ends and what is between, either way, up to its limit', async () => {
    await store().commit([1, 2, 3, 4, 5].map((key) => ({ table: 'log', key, value: bytes(key) })))

    expect(await keys(store().list('log', { from: 2, to: 4 }))).toEqual([2, 3, 4])
    expect(await keys(store().list('log', { from: 4 }))).toEqual([4, 5])
    expect(await keys(store().list('log', { to: 2 }))).toEqual([1, 2])
    expect(await keys(store().list('log', { reverse: true, limit: 2 }))).toEqual([5, 4])
    expect(await keys(store().list('log', { from: 4, to: 2 }))).toEqual([])
    expect(await keys(store().list('log', { limit: 0 }))).toEqual([])
  })

  it('a listing carries the values and nothing of the neighbouring tables', async () => {
    await put(store(), 'log', 1, [1])
    await put(store(), 'log 2', 1, [2])
    const rows: Row<number>[] = []
    for await (const row of store().list('log')) rows.push(row)

    expect(rows).toEqual([{ key: 1, value: bytes(1) }])
  })

  it('a listing may be left before its end', async () => {
    await store().commit([1, 2, 3].map((key) => ({ table: 'log', key, value: bytes(key) })))
    for await (const row of store().list('log')) {
      expect(row.key).toBe(1)
      break
    }

    expect(await keys(store().list('log'))).toEqual([1, 2, 3])
  })
}

function namedTables(store: () => Store): void {
  it('the rows of a named table are listed with their names', async () => {
    await put(store(), 'notes', 'rent', [1])
    await put(store(), 'notes', 'électricité', [2])
    await put(store(), 'labels', 'other', [3])

    expect(await names(store(), 'notes')).toEqual(['rent', 'électricité'].toSorted())
  })

  it('names that look alike are different names', async () => {
    await put(store(), 'notes', 'a', [1])
    await put(store(), 'notes', 'A', [2])
    await put(store(), 'notes', '', [3])

    expect(await store().get('notes', 'a')).toEqual(bytes(1))
    expect(await store().get('notes', 'A')).toEqual(bytes(2))
    expect(await store().get('notes', '')).toEqual(bytes(3))
  })
}

function commits(store: () => Store): void {
  it('a commit of nothing does nothing', async () => {
    await store().commit([])

    expect(await names(store(), 'notes')).toEqual([])
  })

  it('the last change of a row within a commit counts', async () => {
    await store().commit([
      { table: 'notes', key: 'rent', value: bytes(1) },
      { table: 'notes', key: 'rent', value: undefined },
      { table: 'notes', key: 'rent', value: bytes(3) },
    ])

    expect(await store().get('notes', 'rent')).toEqual(bytes(3))
  })

  it('commits made at the same time all count, in the order they were made', async () => {
    const many = Array.from({ length: 200 }, (_, index) => index)
    await Promise.all(
      many.map((index) =>
        store().commit([
          { table: 'log', key: index, value: bytes(index % 256) },
          { table: 'heads', key: 'last', value: bytes(index % 256) },
        ]),
      ),
    )

    expect(await keys(store().list('log'))).toEqual(many)
    expect(await store().get('heads', 'last')).toEqual(bytes(199))
  })

  it('a number that is not whole, negative or over 2^53−1 is refused, and nothing of its commit is kept', async () => {
    for (const key of [-1, 0.5, 2 ** 53, Number.NaN]) {
      await expect(
        store().commit([
          { table: 'notes', key: 'rent', value: bytes(1) },
          { table: 'log', key, value: bytes(1) },
        ]),
      ).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    }

    expect(await store().get('notes', 'rent')).toBeUndefined()
  })
}

function closing(store: () => Store): void {
  it('a commit under way when the store closes still counts', async () => {
    const committed = put(store(), 'notes', 'rent', [1])
    await store().close()

    await expect(committed).resolves.toBeUndefined()
  })

  it('a closed store refuses to read and to write', async () => {
    await store().close()

    await expect(store().get('notes', 'rent')).rejects.toMatchObject({ code: 'ERR_STORE_CLOSED' })
    await expect(put(store(), 'notes', 'rent', [1])).rejects.toMatchObject({ code: 'ERR_STORE_CLOSED' })
    await expect(keys(store().list('log'))).rejects.toBeInstanceOf(MunimentError)
    await expect(names(store(), 'notes')).rejects.toBeInstanceOf(MunimentError)
  })

  it('closing twice is closing once', async () => {
    await store().close()

    await expect(store().close()).resolves.toBeUndefined()
  })
}

function bytes(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values)
}

async function put(store: Store, table: string, key: RowKey, value: readonly number[]): Promise<void> {
  await store.commit([{ table, key, value: Uint8Array.from(value) }])
}

async function keys(rows: AsyncIterable<Row<number>>): Promise<number[]> {
  const found: number[] = []
  for await (const { key } of rows) found.push(key)
  return found
}

async function names(store: Store, table: string): Promise<string[]> {
  const found: string[] = []
  for await (const { key } of store.listNames(table)) found.push(key)
  return found.toSorted()
}
