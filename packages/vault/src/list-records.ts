import type { VaultCore } from './core.ts'
import { type BaseRecord, composeRecord, typedBase, type VaultRecord } from './record.ts'
import { recordId, requireRecordId } from './record-id.ts'
import { requireRecord } from './read-records.ts'
import type { SegmentRow } from './rows.ts'
import { baseOf } from './segments.ts'
import { timeOf } from './time.ts'
import type { ListOptions } from './vault.ts'

/** Where a record stands in a list. */
interface Position {
  readonly time: number
  readonly shard: string
  readonly index: number
}

interface Listed extends Position {
  readonly record: VaultRecord
}

/** What may hold records of the list: it is opened when the list comes to the first time it may have. */
interface Source {
  readonly first: number
  open(): Promise<Listed[]>
}

/** Records by time, then by id, opening each segment and shard when the list comes to it. */
export async function* listRecords(core: VaultCore, options: ListOptions = {}): AsyncGenerator<VaultRecord> {
  const { newestFirst = true, limit = Infinity, after } = options
  const order = orderOf(newestFirst)
  const from = after === undefined ? undefined : await positionOf(core, after, order)
  const closed = sourcesOf(core, options, order).sort((a, b) => order.times(b.first, a.first))
  const open: Listed[][] = []
  for (let left = limit; left > 0;) {
    const best = bestOf(open, order)
    const next = closed.at(-1)
    if (next && mayComeFirst(next, best, order)) {
      closed.pop()
      const listed = (await next.open()).sort((a, b) => order.positions(b, a))
      if (listed.length > 0) open.push(listed)
      continue
    }
    if (!best) return
    take(open, best)
    if (from && order.positions(best, from) <= 0) continue
    left--
    yield best.record
  }
}

/** True when the source may hold a record that comes before the best of the open ones. */
function mayComeFirst({ first }: Source, best: Listed | undefined, order: Order): boolean {
  return !best || order.times(first, best.time) <= 0
}

interface Order {
  /** Negative when the first time comes first in the list. */
  readonly times: (a: number, b: number) => number
  readonly positions: (a: Position, b: Position) => number
  /** The place of what has no time: at the end. */
  readonly timeless: number
  readonly isNewestFirst: boolean
}

function orderOf(isNewestFirst: boolean): Order {
  const sign = isNewestFirst ? -1 : 1
  const times = (a: number, b: number): number => (a === b ? 0 : a < b ? -sign : sign)
  const positions = (a: Position, b: Position): number =>
    times(a.time, b.time) || sign * (compareText(a.shard, b.shard) || a.index - b.index)
  return { times, positions, timeless: isNewestFirst ? -Infinity : Infinity, isNewestFirst }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function bestOf(open: readonly Listed[][], order: Order): Listed | undefined {
  let best: Listed | undefined
  for (const listed of open) {
    const candidate = listed.at(-1)
    if (candidate && (!best || order.positions(candidate, best) < 0)) best = candidate
  }
  return best
}

function take(open: Listed[][], best: Listed): void {
  const at = open.findIndex((listed) => listed.at(-1) === best)
  const listed = open[at]
  listed?.pop()
  if (listed?.length === 0) open.splice(at, 1)
}

async function positionOf(core: VaultCore, id: string, order: Order): Promise<Position> {
  const { record } = await requireRecord(core, id)
  return { ...requireRecordId(id), time: timeOf(record.time) ?? order.timeless }
}

function sourcesOf(core: VaultCore, { collection }: ListOptions, order: Order): Source[] {
  const { shards, segments } = core.catalogue()
  const bounds = (...times: (readonly [number, number] | undefined)[]): number => {
    const known = times
      .filter((pair) => pair !== undefined)
      .map(([first, last]) => (order.isNewestFirst ? last : first))
    return known.sort(order.times)[0] ?? order.timeless
  }
  const sources: Source[] = core
    .catalogue()
    .segmentsInSight(collection)
    .map((row) => ({
      first: bounds(row.times, shards.get(row.id)?.times),
      open: () => openSegmentSource(core, row, order),
    }))
  for (const { id, typed, times } of shards.values()) {
    if (segments.has(id) || !holds(typed, collection)) continue
    sources.push({
      first: bounds(times),
      open: () => openTypedSource(core, { shard: id, collection }, order),
    })
  }
  return sources
}

function holds(typed: Readonly<Record<string, number>>, collection: string | undefined): boolean {
  return Object.entries(typed).some(
    ([name, count]) => count > 0 && (collection === undefined || name === collection),
  )
}

async function openSegmentSource(core: VaultCore, row: SegmentRow, order: Order): Promise<Listed[]> {
  const origin = core.catalogue().imports.get(row.importId)?.origin
  if (!origin) return []
  const drafts = await core.segments.drafts(row)
  return compose(
    core,
    { shard: row.id, order },
    drafts.map((draft, index) => [index, baseOf(draft, origin)] as const),
  )
}

async function openTypedSource(
  core: VaultCore,
  { shard: id, collection }: { readonly shard: string; readonly collection: string | undefined },
  order: Order,
): Promise<Listed[]> {
  const shard = await core.shards.open(id)
  const bases: (readonly [number, BaseRecord])[] = []
  for (const index of shard.indices()) {
    const base = typedBase(shard.registers(index))
    if (base && (collection === undefined || base.draft.collection === collection)) bases.push([index, base])
  }
  return compose(core, { shard: id, order }, bases)
}

async function compose(
  core: VaultCore,
  { shard: id, order }: { readonly shard: string; readonly order: Order },
  bases: readonly (readonly [number, BaseRecord])[],
): Promise<Listed[]> {
  const { deviceOf } = core.catalogue()
  const shard = await core.shards.open(id)
  const listed: Listed[] = []
  for (const [index, base] of bases) {
    const registers = shard.registers(index)
    const record = composeRecord(recordId(id, index), base, { registers, deviceOf })
    if (record) listed.push({ record, shard: id, index, time: timeOf(record.time) ?? order.timeless })
  }
  return listed
}
