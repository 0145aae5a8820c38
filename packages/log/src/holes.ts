import { fromCanonical, toCanonical } from '@muniment/crypto'
import { type DeviceId, MunimentError, type Store, type StoreChange } from '@muniment/interface'
import * as v from 'valibot'

/** Entries of a device's log that the disk lost, both ends included. */
export interface Hole {
  readonly first: number
  readonly last: number
}

/** The holes of each device's log, in order; a device without any is not in it. */
export type Holes = ReadonlyMap<DeviceId, readonly Hole[]>

const TABLE = 'log/holes'
const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const holesSchema = v.array(v.strictObject({ first: seq, last: seq }))

/** The change that notes the holes of a device's log. */
export function holesChange(device: DeviceId, holes: readonly Hole[]): StoreChange {
  const value =
    holes.length === 0 ? undefined : toCanonical(holes.map(({ first, last }) => ({ first, last })))
  return { table: TABLE, key: device, value }
}

/** All holes that were noted. */
export async function readHoles(store: Store): Promise<Map<DeviceId, readonly Hole[]>> {
  const holes = new Map<DeviceId, readonly Hole[]>()
  for await (const { key, value } of store.listNames(TABLE)) {
    const parsed = v.safeParse(holesSchema, fromCanonical(value))
    if (!parsed.success)
      throw new MunimentError('ERR_STORE_DAMAGED', 'a note of lost entries is not what was written')
    holes.set(key, parsed.output)
  }
  return holes
}

/** The hole in which an entry lies. */
export function holeWith(holes: readonly Hole[] | undefined, entry: number): Hole | undefined {
  return holes?.find(({ first, last }) => first <= entry && entry <= last)
}

/** The last number up to which entries can be read from `from` on; less than `from` when that one is lost. */
export function readableUpTo(holes: readonly Hole[] | undefined, from: number, to: number): number {
  const next = holes?.find(({ last }) => last >= from)
  return next ? Math.min(to, next.first - 1) : to
}

/** The holes without the entries that are there again. */
export function withoutFilled(holes: readonly Hole[], filled: Hole): readonly Hole[] {
  return holes.flatMap(({ first, last }) =>
    [
      { first, last: Math.min(last, filled.first - 1) },
      { first: Math.max(first, filled.last + 1), last },
    ].filter((rest) => rest.first <= rest.last),
  )
}
