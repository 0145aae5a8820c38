import { fromCanonical, toCanonical } from '@muniment/crypto'
import {
  type DeviceId,
  type KeyId,
  type Milliseconds,
  MunimentError,
  type StoreChange,
} from '@muniment/interface'
import * as v from 'valibot'
import type { Origin } from './segment.ts'

/** A segment in the catalogue: enough to list and count without its entry. */
export interface SegmentRow {
  readonly id: string
  readonly collection: string
  readonly count: number
  readonly times?: readonly [Milliseconds, Milliseconds]
  readonly importId: string
  /** The log entry that holds it. */
  readonly device: DeviceId
  readonly seq: number
  readonly key?: KeyId
}

/** An import in the catalogue. Its records show once `isFinished`, and no more once it `isUndone`. */
export interface ImportRow {
  readonly id: string
  readonly device: DeviceId
  readonly origin: Origin
  readonly isFinished: boolean
  readonly isUndone: boolean
  readonly imported: number
  readonly duplicates: number
}

/** What is known of a shard without opening it. */
export interface ShardRow {
  readonly id: string
  /** Data keys that seal its updates. */
  readonly keys: readonly KeyId[]
  /** Updates kept beside the snapshot: numbers `from` to `next` − 1 of its table. */
  readonly from: number
  readonly next: number
  /** Typed records in sight, by collection. */
  readonly typed: Readonly<Record<string, number>>
  /** Records of the segment that are removed. */
  readonly removed: number
  /** Records in conflict, by index. */
  readonly conflicts: readonly number[]
  /** Bounds of all times that were ever written into it. */
  readonly times?: readonly [Milliseconds, Milliseconds]
}

/** How far a device's log was taken in, and the client id that the roster gave it. */
export interface CursorRow {
  readonly device: DeviceId
  readonly seq: number
  readonly client?: number
}

/** A log entry that was refused, and why. */
export interface QuarantineRow {
  readonly device: DeviceId
  readonly seq: number
  readonly hash: string
  readonly kind: string
  readonly problems: readonly { readonly code: string; readonly message: string }[]
}

/** One ledger entry's place in the log. */
export interface LedgerRow {
  readonly relationship: string
  readonly device: DeviceId
  readonly seq: number
}

/** An erasure that a person asked for on some device. */
export interface ErasureRow {
  /** The entry that asks for it. */
  readonly device: DeviceId
  readonly seq: number
  readonly at: Milliseconds
  readonly importId: string
  /** How many records, as the device that asks for it counted them. */
  readonly records: number
  /** Numbers of the import's segments: 0 to `segments` − 1. */
  readonly segments: number
  /** True once nothing of it is on this device's disk. */
  readonly isDone: boolean
}

/** The numbered table of what was dropped from the log, for replicas. It cannot be made anew. */
export const DROPPED_TABLE = 'vault/dropped'

/** Names of the vault's tables. */
export const TABLES = {
  meta: 'vault/meta',
  cursors: 'vault/cursors',
  segments: 'vault/segments',
  imports: 'vault/imports',
  forgotten: 'vault/forgotten',
  shards: 'vault/shards',
  snapshots: 'vault/snapshots',
  quarantine: 'vault/quarantine',
  ledger: 'vault/ledger',
  fingerprints: 'vault/fingerprints',
  titles: 'vault/titles',
  erasures: 'vault/erasures',
  erased: 'vault/erased',
  erasedBy: 'vault/erased-by',
  doomed: 'vault/doomed',
} as const

/** The numbered table of a shard's updates since its snapshot. */
export function updatesTable(shard: string): string {
  return `vault/updates/${shard}`
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const times = v.exactOptional(v.strictTuple([v.number(), v.number()]))
const text = v.exactOptional(v.string())
const origin = v.strictObject({
  assurance: v.picklist(['typed', 'imported', 'sent', 'certified']),
  at: v.number(),
  importId: v.string(),
  file: text,
  format: text,
  organisation: text,
})

const segmentRow = v.strictObject({
  id: v.string(),
  collection: v.string(),
  count,
  times,
  importId: v.string(),
  device: v.string(),
  seq: count,
  key: text,
})
const importRow = v.strictObject({
  id: v.string(),
  device: v.string(),
  origin,
  isFinished: v.boolean(),
  isUndone: v.boolean(),
  imported: count,
  duplicates: count,
})
const shardRow = v.strictObject({
  id: v.string(),
  keys: v.array(v.string()),
  from: count,
  next: count,
  typed: v.record(v.string(), count),
  removed: count,
  conflicts: v.array(count),
  times,
})
const cursorRow = v.strictObject({ device: v.string(), seq: count, client: v.exactOptional(count) })
const quarantineRow = v.strictObject({
  device: v.string(),
  seq: count,
  hash: v.string(),
  kind: v.string(),
  problems: v.array(v.strictObject({ code: v.string(), message: v.string() })),
})
const ledgerRow = v.strictObject({ relationship: v.string(), device: v.string(), seq: count })

const erasureRow = v.strictObject({
  device: v.string(),
  seq: count,
  at: v.number(),
  importId: v.string(),
  records: count,
  segments: count,
  isDone: v.boolean(),
})
const droppedRow = v.record(v.string(), v.array(count))

/** Reads an erasure. */
export function parseErasureRow(value: Uint8Array): ErasureRow {
  return parse(erasureRow, value)
}

/** Reads what was dropped from the log at once. */
export function parseDroppedRow(value: Uint8Array): Readonly<Record<DeviceId, readonly number[]>> {
  return parse(droppedRow, value)
}

/** Reads a row of the catalogue of segments; throws `ERR_STORE_DAMAGED`, as the others do. */
export function parseSegmentRow(value: Uint8Array): SegmentRow {
  return parse(segmentRow, value)
}

/** Reads a row of the imports. */
export function parseImportRow(value: Uint8Array): ImportRow {
  return parse(importRow, value)
}

/** Reads what is known of a shard. */
export function parseShardRow(value: Uint8Array): ShardRow {
  return parse(shardRow, value)
}

/** Reads how far a device's log was taken in. */
export function parseCursorRow(value: Uint8Array): CursorRow {
  return parse(cursorRow, value)
}

/** Reads a refused entry's row. */
export function parseQuarantineRow(value: Uint8Array): QuarantineRow {
  return parse(quarantineRow, value)
}

/** Reads a ledger entry's place. */
export function parseLedgerRow(value: Uint8Array): LedgerRow {
  return parse(ledgerRow, value)
}

/** The change that writes a row of one of the named catalogue tables. */
export function rowChange(
  table: 'segments' | 'imports' | 'shards' | 'cursors' | 'erasures',
  key: string,
  row: SegmentRow | ImportRow | ShardRow | CursorRow | ErasureRow,
): StoreChange {
  const value = toCanonical('origin' in row ? { ...row, origin: { ...row.origin } } : { ...row })
  return { table: TABLES[table], key, value }
}

/** The change that lists a refused entry. */
export function refusedChange(key: number, row: QuarantineRow): StoreChange {
  const problems = row.problems.map((problem) => ({ ...problem }))
  return { table: TABLES.quarantine, key, value: toCanonical({ ...row, problems }) }
}

/** The change that notes a ledger entry's place. */
export function ledgerChange(key: number, row: LedgerRow): StoreChange {
  return { table: TABLES.ledger, key, value: toCanonical({ ...row }) }
}

function parse<S extends v.GenericSchema>(schema: S, value: Uint8Array): v.InferOutput<S> {
  const parsed = v.safeParse(schema, fromCanonical(value))
  if (!parsed.success)
    throw new MunimentError('ERR_STORE_DAMAGED', "a row of the vault's tables is not what was written")
  return parsed.output
}
