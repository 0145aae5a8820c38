import { UPDATES_PER_SNAPSHOT } from './constants.ts'
import type { Catalogue } from './catalogue.ts'
import { hasConflict, typedBase } from './record.ts'
import { type Registers, removalOf } from './register.ts'
import { type ShardRow, TABLES, updatesTable } from './rows.ts'
import { openShard, type Shard, type ShardComponents } from './shard.ts'
import { shardCache } from './shard-cache.ts'
import type { Slot } from './slot.ts'
import type { Tables } from './tables.ts'
import { timeOf } from './time.ts'

/** The shards of a vault: opened when asked for, a few at a time. */
export interface Shards {
  /** Opens a shard; one that nobody wrote into is empty. */
  open(id: string): Promise<Shard>
  /** Applies an update of a client to its shard, and notes it in the tables. */
  apply(id: string, client: number, update: Uint8Array): Promise<ReturnType<Shard['apply']>>
  /** Forgets what is open, after the tables were made anew. */
  closeAll(): void
}

/** The shards over the tables. */
export function openShards(
  components: ShardComponents & { readonly tables: Tables },
  catalogue: () => Catalogue,
): Shards {
  const { tables } = components
  const cache = shardCache((id) => loadShard(components, id, catalogue().shards.get(id)))
  const sights = new WeakMap<Shard, Map<number, Sight>>()

  /** Puts the update beside the snapshot, or replaces both by a new snapshot when there are many. */
  function keep(shard: Shard, row: ShardRow, update: Uint8Array): void {
    const table = updatesTable(shard.id)
    if (row.next + 1 - row.from < UPDATES_PER_SNAPSHOT) {
      tables.put([{ table, key: row.next, value: update }])
      catalogue().putShard({ ...row, next: row.next + 1 })
      return
    }
    for (let key = row.from; key < row.next; key++) tables.put([{ table, key, value: undefined }])
    tables.put([{ table: TABLES.snapshots, key: shard.id, value: shard.snapshot() }])
    catalogue().putShard({ ...row, from: row.next })
  }

  return {
    open: (id) => cache.open(id),
    async apply(id, client, update) {
      const shard = await cache.open(id)
      const known = sights.get(shard) ?? allSights(shard)
      sights.set(shard, known)
      const outcome = shard.apply(client, update)
      if (!outcome.ok) return outcome
      const row = catalogue().shards.get(id) ?? emptyRow(id)
      keep(shard, afterSlots(row, shard, { slots: outcome.slots, known }), update)
      return outcome
    },
    closeAll: () => cache.clear(),
  }
}

async function loadShard(
  components: ShardComponents & { readonly tables: Tables },
  id: string,
  row: ShardRow | undefined,
): Promise<Shard> {
  if (!row) return openShard(components, { id })
  const { tables } = components
  const numbers = Array.from({ length: row.next - row.from }, (_, at) => row.from + at)
  const [snapshot, ...updates] = await Promise.all([
    tables.get(TABLES.snapshots, id),
    ...numbers.map((number) => tables.get(updatesTable(id), number)),
  ])
  const present = updates.filter((update) => update !== undefined)
  return openShard(components, { id, ...(snapshot && { snapshot }), updates: present })
}

/** What lists and counts need to know of a record that was written about. */
interface Sight {
  /** The collection of a typed record in sight. */
  readonly typed?: string
  readonly isRemoved: boolean
  readonly isInConflict: boolean
}

function sightOf(registers: Registers): Sight {
  const { isRemoved } = removalOf(registers)
  const collection = isRemoved ? undefined : typedBase(registers)?.draft.collection
  return {
    isRemoved,
    isInConflict: hasConflict(registers),
    ...(collection !== undefined && { typed: collection }),
  }
}

function allSights(shard: Shard): Map<number, Sight> {
  return new Map(shard.indices().map((index) => [index, sightOf(shard.registers(index))]))
}

function emptyRow(id: string): ShardRow {
  return { id, keys: [], from: 0, next: 0, typed: {}, removed: 0, conflicts: [] }
}

/** The shard's row after these slots were written; `known` is brought up to date. */
function afterSlots(
  row: ShardRow,
  shard: Shard,
  { slots, known }: { readonly slots: readonly Slot[]; readonly known: Map<number, Sight> },
): ShardRow {
  const typed = new Map(Object.entries(row.typed))
  const conflicts = new Set(row.conflicts)
  let { removed, times } = row
  const count = ({ typed: collection, isRemoved }: Sight, by: 1 | -1): void => {
    if (isRemoved) removed += by
    if (collection !== undefined) typed.set(collection, (typed.get(collection) ?? 0) + by)
  }
  for (const index of new Set(slots.map((slot) => slot.index))) {
    const before = known.get(index)
    const after = sightOf(shard.registers(index))
    known.set(index, after)
    if (before) count(before, -1)
    count(after, 1)
    if (after.isInConflict) conflicts.add(index)
    else conflicts.delete(index)
  }
  for (const slot of slots) {
    const time = timeOf(timeIn(slot))
    if (time !== undefined)
      times = times ? [Math.min(times[0], time), Math.max(times[1], time)] : [time, time]
  }
  return {
    ...row,
    typed: Object.fromEntries(typed),
    removed,
    conflicts: [...conflicts],
    ...(times && { times }),
  }
}

/** The time that a slot gives its record, if it gives one. */
function timeIn(slot: Slot): string | undefined {
  if (slot.property === '@time') return typeof slot.value === 'string' ? slot.value : undefined
  const alone: Registers = new Map([[slot.property, new Map([[slot.client, slot]])]])
  return slot.property === '@record' ? typedBase(alone)?.draft.time : undefined
}
