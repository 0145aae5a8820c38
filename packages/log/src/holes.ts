import { fromCanonical, toCanonical } from '@muniment/crypto'
import { type DeviceId, MunimentError, type Store, type StoreChange } from '@muniment/interface'
import * as v from 'valibot'

/** Entries of a device's log that the disk lost, both ends included. */
export interface Hole {
  readonly first: number
  readonly last: number
  /** True when nobody is expected to give them back, so that this device may write on without them. */
  readonly isGivenUp?: boolean
}

/** The holes of each device's log, in order; a device without any is not in it. */
export type Holes = ReadonlyMap<DeviceId, readonly Hole[]>

const TABLE = 'log/holes'
const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const holesSchema = v.array(
  v.strictObject({ first: seq, last: seq, isGivenUp: v.exactOptional(v.boolean()) }),
)

/** The change that notes the holes of a device's log. */
export function holesChange(device: DeviceId, holes: readonly Hole[]): StoreChange {
  const value =
    holes.length === 0
      ? undefined
      : toCanonical(holes.map((hole) => Object.fromEntries(Object.entries(hole))))
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

/** The ranges of entries between `from` and `to` that are held, in order. */
export function* heldRanges(
  holes: readonly Hole[] | undefined,
  from: number,
  to: number,
): Generator<{ readonly from: number; readonly to: number }> {
  let next = from
  for (const { first, last } of holes ?? []) {
    if (last < next) continue
    if (first > to) break
    if (first > next) yield { from: next, to: first - 1 }
    next = last + 1
  }
  if (next <= to) yield { from: next, to }
}

/** The last number up to which entries can be read from `from` on; less than `from` when that one is lost. */
export function readableUpTo(holes: readonly Hole[] | undefined, from: number, to: number): number {
  const next = holes?.find(({ last }) => last >= from)
  return next ? Math.min(to, next.first - 1) : to
}

/** The holes without the entries that are there again. */
export function withoutFilled(holes: readonly Hole[], filled: Hole): readonly Hole[] {
  return holes.flatMap((hole) =>
    [
      { ...hole, last: Math.min(hole.last, filled.first - 1) },
      { ...hole, first: Math.max(hole.first, filled.last + 1) },
    ].filter((rest) => rest.first <= rest.last),
  )
}
