import { REPLICA_OBJECT_SIZES, type ReplicaStorage } from '@muniment/interface'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** An empty place for a replica, and what to stop afterwards. */
export interface ReplicaUnderTest {
  readonly storage: ReplicaStorage
  /** Opens the same place anew, as another device or a later day would. */
  again(): Promise<ReplicaStorage>
  stop?(): Promise<void>
}

const [SMALL, MIDDLE, LARGE] = REPLICA_OBJECT_SIZES

/** Objects of a listing that is longer than one page of any storage that gives pages of 1,000 at most. */
const MANY = 1050

/**
 * Runs what every {@link ReplicaStorage} must do.
 *
 * @param name - what is tested, for the report
 * @param openEmpty - gives an empty place; called once for each test
 * @param options - `many`: objects in the test of a long listing, fewer where a storage is slow
 */
export function replicaCompliance(
  name: string,
  openEmpty: () => Promise<ReplicaUnderTest>,
  { many = MANY }: { readonly many?: number } = {},
): void {
  describe(`${name}, as a place for a replica`, () => {
    let place: ReplicaUnderTest

    beforeEach(async () => {
      place = await openEmpty()
    })
    afterEach(async () => {
      await place.storage.close()
      await place.stop?.()
    })

    keeping(() => place)
    listing(() => place, many)
    refusing(() => place)
  })
}

function nameOf(index: number, prefix = ''): string {
  const digits = (Math.imul(index + 1, 0x9e37_79b1) >>> 0).toString(16).padStart(8, '0')
  return (prefix + digits + index.toString(16).padStart(8, '0')).padEnd(64, 'c')
}

function objectOf(size: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; at++) bytes[at] = (at * 31 + seed * 7 + (at >> 8)) & 0xff
  return bytes
}

async function listed(storage: ReplicaStorage, prefix = ''): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for await (const { name, size } of storage.list(prefix)) {
    expect(found.has(name)).toBe(false)
    found.set(name, size)
  }
  return found
}

function keeping(place: () => ReplicaUnderTest): void {
  it('an object of each size is read back as it was written, also by who opens the place anew', async () => {
    const { storage } = place()
    for (const [index, size] of [SMALL, MIDDLE, LARGE].entries()) {
      await storage.put(nameOf(index), objectOf(size, index))
    }
    const other = await place().again()

    for (const [index, size] of [SMALL, MIDDLE, LARGE].entries()) {
      expect(await storage.get(nameOf(index))).toEqual(objectOf(size, index))
      expect(await other.get(nameOf(index))).toEqual(objectOf(size, index))
    }
    await other.close()
  })

  it('what was never written is not there', async () => {
    expect(await place().storage.get(nameOf(1))).toBeUndefined()
  })

  it('writing again replaces the object', async () => {
    const { storage } = place()
    await storage.put(nameOf(1), objectOf(MIDDLE, 1))
    await storage.put(nameOf(1), objectOf(SMALL, 2))

    expect(await storage.get(nameOf(1))).toEqual(objectOf(SMALL, 2))
    expect(await listed(storage)).toEqual(new Map([[nameOf(1), SMALL]]))
  })

  it('what was removed is gone, and removing it again changes nothing', async () => {
    const { storage } = place()
    await storage.put(nameOf(1), objectOf(SMALL, 1))
    await storage.put(nameOf(2), objectOf(SMALL, 2))
    await storage.delete(nameOf(1))
    await storage.delete(nameOf(1))

    expect(await storage.get(nameOf(1))).toBeUndefined()
    expect(await listed(storage)).toEqual(new Map([[nameOf(2), SMALL]]))
  })

  it('an object changed by its writer after writing lies there as it was', async () => {
    const { storage } = place()
    const bytes = objectOf(SMALL, 1)
    await storage.put(nameOf(1), bytes)
    bytes.fill(0)

    expect(await storage.get(nameOf(1))).toEqual(objectOf(SMALL, 1))
  })

  it('objects written at the same time are all kept, and one of several writers of one name wins whole', async () => {
    const { storage } = place()
    const seeds = [1, 2, 3, 4, 5]
    await Promise.all([
      ...seeds.map((seed) => storage.put(nameOf(seed), objectOf(SMALL, seed))),
      ...seeds.map((seed) => storage.put(nameOf(0), objectOf(SMALL, seed))),
    ])

    for (const seed of seeds) expect(await storage.get(nameOf(seed))).toEqual(objectOf(SMALL, seed))
    const won = await storage.get(nameOf(0))
    expect(seeds.map((seed) => objectOf(SMALL, seed))).toContainEqual(won)
  })
}

function listing(place: () => ReplicaUnderTest, many: number): void {
  it('an empty place lists nothing', async () => {
    expect(await listed(place().storage)).toEqual(new Map())
    expect(await listed(place().storage, '00')).toEqual(new Map())
  })

  it('a listing names each object once with its size, and a prefix of any length chooses among them', async () => {
    const { storage } = place()
    await storage.put(nameOf(1, '00'), objectOf(SMALL, 1))
    await storage.put(nameOf(2, '0012'), objectOf(MIDDLE, 2))
    await storage.put(nameOf(3, 'f0'), objectOf(SMALL, 3))

    expect([...(await listed(storage)).keys()].sort()).toEqual(
      [nameOf(1, '00'), nameOf(2, '0012'), nameOf(3, 'f0')].sort(),
    )
    expect((await listed(storage, '00')).get(nameOf(2, '0012'))).toBe(MIDDLE)
    expect([...(await listed(storage, '00')).keys()].sort()).toEqual(
      [nameOf(1, '00'), nameOf(2, '0012')].sort(),
    )
    expect([...(await listed(storage, '0')).keys()]).toHaveLength(2)
    expect([...(await listed(storage, '0012')).keys()]).toEqual([nameOf(2, '0012')])
    expect([...(await listed(storage, nameOf(3, 'f0'))).keys()]).toEqual([nameOf(3, 'f0')])
    expect(await listed(storage, 'ab')).toEqual(new Map())
  })

  it(`${many} objects are listed whole`, { timeout: 60_000 }, async () => {
    const { storage } = place()
    const bytes = objectOf(SMALL, 1)
    for (let at = 0; at < many; at += 10) {
      const indexes = Array.from({ length: Math.min(10, many - at) }, (_, index) => at + index)
      await Promise.all(indexes.map((index) => storage.put(nameOf(index), bytes)))
    }

    expect((await listed(storage)).size).toBe(many)
  })
}

function refusing(place: () => ReplicaUnderTest): void {
  it('a name that is not 64 hexadecimal digits is refused, whatever it would lead to', async () => {
    const { storage } = place()
    for (const name of ['', 'ab', '../'.repeat(22), `${'a'.repeat(63)}G`, 'A'.repeat(64), 'a'.repeat(65)]) {
      await expect(storage.get(name)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
      await expect(storage.put(name, objectOf(SMALL, 1))).rejects.toMatchObject({
        code: 'ERR_INVALID_ARGUMENT',
      })
      await expect(storage.delete(name)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    }
    await expect(listed(storage, '../')).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  })

  it('an object of another size is refused, and nothing is written', async () => {
    const { storage } = place()
    for (const size of [0, 1, SMALL - 1, SMALL + 1, LARGE + 1]) {
      await expect(storage.put(nameOf(1), new Uint8Array(size))).rejects.toMatchObject({
        code: 'ERR_INVALID_ARGUMENT',
      })
    }

    expect(await listed(storage)).toEqual(new Map())
  })

  it('a call that was given up before it began does nothing', async () => {
    const { storage } = place()
    const signal = AbortSignal.abort()

    await expect(storage.put(nameOf(1), objectOf(SMALL, 1), { signal })).rejects.toMatchObject({
      code: 'ERR_ABORTED',
    })
    await expect(storage.get(nameOf(1), { signal })).rejects.toMatchObject({ code: 'ERR_ABORTED' })
    expect(await storage.get(nameOf(1))).toBeUndefined()
  })
}
