import {
  type Assurance,
  type Compression,
  type FieldValue,
  type Milliseconds,
  MunimentError,
  type RecordDraft,
} from '@muniment/interface'
import { type CanonicalValue, fromCanonical, toCanonical } from '@muniment/crypto'
import * as v from 'valibot'
import { isFieldValue } from './check-draft.ts'
import { MAX_INFLATED_ROWS, MAX_NAME_LENGTH, MAX_SHARD_RECORDS } from './constants.ts'
import { isShardId } from './record-id.ts'
import { timeOf } from './time.ts'

/** What all records of one import have in common: their provenance, but for the place in the file. */
export interface Origin {
  readonly assurance: Assurance
  readonly at: Milliseconds
  readonly importId: string
  readonly file?: string
  readonly format?: string
  readonly organisation?: string
}

/** What makes ids that only their device can use: the import's nonce and the segment's number in it. */
export interface SegmentName {
  readonly nonce: Uint8Array
  readonly number: number
}

/** A segment's envelope: everything that lists and counts need, without inflating the rows. */
export interface Segment extends SegmentName {
  readonly id: string
  readonly collection: string
  readonly origin: Origin
  /** Number of records. */
  readonly count: number
  /** The earliest and latest time of its records; absent when none has a time. */
  readonly times?: readonly [Milliseconds, Milliseconds]
  /** The rows, deflated. */
  readonly rows: Uint8Array
}

const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_SHARD_RECORDS))
const text = v.pipe(v.string(), v.maxLength(4 * MAX_NAME_LENGTH))
const instant = v.pipe(v.number(), v.finite())
const shardId = v.pipe(v.string(), v.check(isShardId))
const segmentSchema = v.strictObject({
  v: v.literal(1),
  id: shardId,
  nonce: v.pipe(v.instance(Uint8Array), v.length(16)),
  number: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  collection: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_NAME_LENGTH)),
  origin: v.strictObject({
    assurance: v.picklist(['typed', 'imported', 'sent', 'certified']),
    at: instant,
    importId: shardId,
    file: v.exactOptional(text),
    format: v.exactOptional(text),
    organisation: v.exactOptional(text),
  }),
  count,
  times: v.exactOptional(v.strictTuple([instant, instant])),
  rows: v.instance(Uint8Array),
})

/**
 * The body of a log entry of kind `segment`: drafts of one collection, in order. The names of the fields are written once
 * for all rows of the same shape, and the rows are deflated.
 */
export function encodeSegment(
  compression: Compression,
  init: SegmentName & { readonly id: string; readonly collection: string; readonly origin: Origin },
  drafts: readonly RecordDraft[],
): Uint8Array {
  const shapes = new Map<string, { index: number; names: readonly string[] }>()
  let earliest = Infinity
  let latest = -Infinity
  const rows = drafts.map((draft) => {
    const names = Object.keys(draft.fields).filter((name) => draft.fields[name] !== undefined)
    const key = JSON.stringify(names)
    const shape = shapes.get(key) ?? { index: shapes.size, names }
    shapes.set(key, shape)
    const time = timeOf(draft.time)
    if (time !== undefined) {
      earliest = Math.min(earliest, time)
      latest = Math.max(latest, time)
    }
    const values = names.map((name): CanonicalValue => draft.fields[name] ?? null)
    return [shape.index, draft.title, draft.time ?? null, draft.place ?? null, ...values]
  })
  const table = toCanonical({ rows, shapes: [...shapes.values()].map(({ names }) => names) })
  return toCanonical({
    v: 1,
    ...init,
    origin: { ...init.origin },
    count: drafts.length,
    times: latest === -Infinity ? undefined : [earliest, latest],
    rows: compression.deflate(table),
  })
}

/** Reads the envelope; throws `ERR_MALFORMED`. */
export function parseSegment(body: Uint8Array): Segment {
  const parsed = v.safeParse(segmentSchema, fromCanonical(body))
  if (!parsed.success) throw malformed()
  const { v: _version, ...segment } = parsed.output
  return segment
}

const tableSchema = v.strictObject({
  rows: v.array(v.array(v.unknown())),
  shapes: v.pipe(v.array(v.array(v.string())), v.maxLength(MAX_SHARD_RECORDS)),
})

/** Inflates and reads the rows; throws `ERR_MALFORMED`, or `ERR_TOO_LARGE` for rows that inflate past the limit. */
export function segmentDrafts(compression: Compression, segment: Segment): readonly RecordDraft[] {
  const table = v.safeParse(tableSchema, fromCanonical(compression.inflate(segment.rows, MAX_INFLATED_ROWS)))
  if (!table.success || table.output.rows.length !== segment.count) throw malformed()
  const { rows, shapes } = table.output
  return rows.map((row) => parseRow(segment.collection, row, shapes))
}

function parseRow(
  collection: string,
  row: readonly unknown[],
  shapes: readonly (readonly string[])[],
): RecordDraft {
  const [shape, title, time, place, ...values] = row
  const names = typeof shape === 'number' ? shapes[shape] : undefined
  if (!names || names.length !== values.length || typeof title !== 'string') throw malformed()
  const entries = names.map((name, at): [string, FieldValue] => {
    const value = values[at]
    if (!isFieldValue(value)) throw malformed()
    return [name, value]
  })
  return {
    collection,
    title,
    ...textOrNothing('time', time),
    fields: Object.fromEntries(entries),
    ...textOrNothing('place', place),
  }
}

function textOrNothing<K extends 'time' | 'place'>(name: K, value: unknown): { [P in K]?: string } {
  if (value === null) return {}
  if (typeof value !== 'string') throw malformed()
  const named: { [P in K]?: string } = {}
  named[name] = value
  return named
}

function malformed(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'this is not a segment of records')
}
