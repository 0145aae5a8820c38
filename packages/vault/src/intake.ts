import { fromCanonical, toCanonical } from '@muniment/crypto'
import {
  type Cryptography,
  type DeviceId,
  isMunimentError,
  MunimentError,
  type Problem,
} from '@muniment/interface'
import type { Log, LogEntry } from '@muniment/log'
import * as v from 'valibot'
import type { Catalogue } from './catalogue.ts'
import { MAX_IMPORT_SEGMENTS, MAX_PENDING_ROWS } from './constants.ts'
import { isShardId } from './record-id.ts'
import { type Origin, parseSegment } from './segment.ts'
import type { ErasureRow } from './rows.ts'
import { isNamedBy, segmentIdOf } from './segment-name.ts'
import { SETTINGS_SHARD } from './settings-shard.ts'
import type { Shards } from './shards.ts'
import type { Slot } from './slot.ts'
import type { Tables } from './tables.ts'

/** News that an entry brought. */
export interface IntakeEvents {
  slots(shard: string, slots: readonly Slot[]): void
  importChanged(collections: readonly string[]): void
}

/** What taking entries in needs. */
export interface IntakeComponents {
  readonly cryptography: Cryptography
  readonly log: Log
  readonly tables: Tables
  readonly catalogue: Catalogue
  readonly shards: Shards
  readonly events: IntakeEvents
  readonly clientIdOf: (device: DeviceId) => number | undefined
}

const shardId = v.pipe(v.string(), v.check(isShardId))
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const shardBody = v.strictObject({
  v: v.literal(1),
  shard: v.union([shardId, v.literal(SETTINGS_SHARD)]),
  update: v.instance(Uint8Array),
})
const importEnd = v.strictObject({
  v: v.literal(1),
  type: v.literal('import-end'),
  import: shardId,
  imported: count,
  duplicates: count,
})
const forgetBody = v.union([
  v.strictObject({ v: v.literal(1), import: shardId }),
  v.strictObject({
    v: v.literal(1),
    at: v.pipe(v.number(), v.finite()),
    erase: shardId,
    records: count,
    segments: v.pipe(count, v.maxValue(MAX_IMPORT_SEGMENTS)),
  }),
  v.strictObject({ v: v.literal(1), erased: v.array(v.strictTuple([v.string(), count])) }),
])
const ledgerBody = v.strictObject({
  v: v.literal(1),
  relationship: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)),
  body: v.instance(Uint8Array),
})

/** The body of an entry of kind `shard`. */
export function encodeShardBody(shard: string, update: Uint8Array): Uint8Array {
  return toCanonical({ v: 1, shard, update })
}

/** The body of the `settings` entry that makes an import's segments count. */
export function encodeImportEnd(end: { import: string; imported: number; duplicates: number }): Uint8Array {
  return toCanonical({ v: 1, type: 'import-end', ...end })
}

/** The body of a `forget` entry: an import, with all its segments. */
export function encodeForget(importId: string): Uint8Array {
  return toCanonical({ v: 1, import: importId })
}

/** The body of a `forget` entry that asks for an import to be erased. */
export function encodeErase(erase: {
  readonly erase: string
  readonly at: number
  readonly records: number
  readonly segments: number
}): Uint8Array {
  return toCanonical({ v: 1, ...erase })
}

/** The body of a `forget` entry that says which erasures are done on its device. */
export function encodeErased(
  done: readonly { readonly device: DeviceId; readonly seq: number }[],
): Uint8Array {
  return toCanonical({ v: 1, erased: done.map(({ device, seq }) => [device, seq]) })
}

/** The shard that the body of a `shard` entry is about; throws `ERR_MALFORMED`. */
export function shardOf(body: Uint8Array): string {
  return parse(shardBody, body).shard
}

/** The body of a `ledger` entry. */
export function encodeLedger(relationship: string, body: Uint8Array): Uint8Array {
  return toCanonical({ v: 1, relationship, body })
}

/** Reads the body of a `ledger` entry; throws `ERR_MALFORMED`. */
export function parseLedger(body: Uint8Array): { relationship: string; body: Uint8Array } {
  const { relationship, body: content } = parse(ledgerBody, body)
  return { relationship, body: content }
}

/**
 * Takes in the entries of all devices from where it stopped last. It is the one path for entries written here and
 * received: in the order of each device's log, once each. A device's log waits where a key has not arrived yet.
 */
export async function takeIn(components: IntakeComponents): Promise<void> {
  const { log, catalogue, tables } = components
  for (const [device, to] of Object.entries(log.seen())) {
    const from = (catalogue.cursors.get(device)?.seq ?? 0) + 1
    if (from > to) continue
    for await (const entry of log.entries(device, { from, to })) {
      if (!(await takeEntry(components, entry))) break
      const client = components.clientIdOf(device)
      catalogue.putCursor({ device, seq: entry.seq, ...(client !== undefined && { client }) })
      if (tables.waiting > MAX_PENDING_ROWS) await tables.flush()
    }
  }
}

/** False when the entry has to wait. */
async function takeEntry(components: IntakeComponents, entry: LogEntry): Promise<boolean> {
  const { body, why } = entry
  if (body) return takeBody(components, entry, body)
  if (why === 'unreadable') {
    refuse(components, entry, [{ code: 'unreadable', message: 'the entry does not open' }])
  }
  return why !== 'key-unknown'
}

async function takeBody(components: IntakeComponents, entry: LogEntry, body: Uint8Array): Promise<boolean> {
  try {
    if (entry.kind === 'shard') return await takeShard(components, entry, body)
    takers[entry.kind]?.(components, entry, body)
  } catch (error) {
    if (!isMunimentError(error, 'ERR_MALFORMED')) throw error
    refuse(components, entry, [{ code: 'malformed', message: error.message }])
  }
  return true
}

type Taker = (components: IntakeComponents, entry: LogEntry, body: Uint8Array) => void

/** Kinds that need no waiting. What is not the vault's (roster, session) has no taker. */
const takers: Partial<Record<LogEntry['kind'], Taker>> = {
  segment: takeSegment,
  settings: takeImportEnd,
  forget: takeForget,
  ledger: takeLedger,
}

async function takeShard(components: IntakeComponents, entry: LogEntry, body: Uint8Array): Promise<boolean> {
  const { catalogue, shards, events } = components
  const client = components.clientIdOf(entry.device)
  if (client === undefined) return false
  const { shard, update } = parse(shardBody, body)
  // Of what was undone, edits have nowhere to go; a segment that is yet to come gets them when it does.
  if (catalogue.forgotten.has(shard)) {
    if (catalogue.erasures.isErased(shard)) catalogue.erasures.doom([entry.key])
    return true
  }
  const outcome = await shards.apply(shard, client, update)
  if (!outcome.ok) {
    refuse(components, entry, outcome.problems)
    return true
  }
  const row = catalogue.shards.get(shard)
  if (row && entry.key !== undefined && !row.keys.includes(entry.key)) {
    catalogue.putShard({ ...row, keys: [...row.keys, entry.key] })
  }
  events.slots(shard, outcome.slots)
  return true
}

function takeSegment({ catalogue, cryptography }: IntakeComponents, entry: LogEntry, body: Uint8Array): void {
  const segment = parseSegment(body)
  const { id, collection, count, times, origin } = segment
  const { importId } = origin
  if (!isNamedBy(cryptography, entry.device, segment))
    throw malformed('the segment has an id of another device')
  const known = catalogue.imports.get(importId)
  if (catalogue.forgotten.has(importId)) {
    catalogue.forgetSegment(id)
    if (catalogue.erasures.isErased(importId)) {
      catalogue.erasures.note(id)
      catalogue.erasures.doom([entry.key])
    }
    return
  }
  if (catalogue.segments.has(id)) throw malformed('a segment with this id is held already')
  if (known && (known.device !== entry.device || known.isFinished)) {
    throw malformed('the segment belongs to an import that is not open on its device')
  }
  if (!known) catalogue.putImport(openImport(entry.device, origin))
  const { device, seq, key } = entry
  catalogue.putSegment({
    id,
    collection,
    count,
    ...(times && { times: [times[0], times[1]] as const }),
    importId,
    device,
    seq,
    ...(key !== undefined && { key }),
  })
}

function openImport(device: DeviceId, origin: Origin): Parameters<Catalogue['putImport']>[0] {
  const { importId } = origin
  return { id: importId, device, origin, isFinished: false, isUndone: false, imported: 0, duplicates: 0 }
}

function takeImportEnd({ catalogue, events }: IntakeComponents, entry: LogEntry, body: Uint8Array): void {
  const { import: id, imported, duplicates } = parse(importEnd, body)
  const row = catalogue.imports.get(id)
  // Of an import that was erased nothing opens but its end.
  if (!row || catalogue.forgotten.has(id)) return
  if (row.device !== entry.device || row.isFinished) {
    throw malformed('the entry ends an import that is not open on its device')
  }
  catalogue.putImport({ ...row, isFinished: true, imported, duplicates })
  events.importChanged(collectionsOf(catalogue, id))
}

function takeForget(components: IntakeComponents, entry: LogEntry, body: Uint8Array): void {
  const { catalogue, events } = components
  const parsed = parse(forgetBody, body)
  if ('erased' in parsed) {
    for (const [device, seq] of parsed.erased) catalogue.erasures.noteDone({ device, seq }, entry.device)
    return
  }
  const dropped = catalogue.forget('erase' in parsed ? parsed.erase : parsed.import)
  if ('erase' in parsed) {
    const { erase: importId, at, records, segments } = parsed
    takeErase(components, {
      device: entry.device,
      seq: entry.seq,
      at,
      importId,
      records,
      segments,
      isDone: false,
    })
  }
  events.importChanged([...new Set(dropped.map(({ collection }) => collection))])
}

/** The ids of its segments follow from the import's, so that an erasure reaches nothing else. */
function takeErase({ catalogue, cryptography }: IntakeComponents, row: ErasureRow): void {
  const { importId, segments } = row
  const ids = Array.from({ length: segments }, (_, number) => segmentIdOf(cryptography, importId, number))
  for (const id of ids) catalogue.forgetSegment(id)
  for (const id of [importId, ...ids]) catalogue.erasures.note(id)
  catalogue.dropImport(importId)
  catalogue.erasures.put(row)
}

function takeLedger({ catalogue }: IntakeComponents, { device, seq }: LogEntry, body: Uint8Array): void {
  const { relationship } = parse(ledgerBody, body)
  catalogue.putLedger({ relationship, device, seq })
}

function collectionsOf(catalogue: Catalogue, importId: string): readonly string[] {
  const rows = [...catalogue.segments.values()].filter((row) => row.importId === importId)
  return [...new Set(rows.map(({ collection }) => collection))]
}

function refuse(components: IntakeComponents, entry: LogEntry, problems: readonly Problem[]): void {
  const { device, seq, hash, kind } = entry
  components.catalogue.refuse({
    device,
    seq,
    hash,
    kind,
    problems: problems.map((problem) => ({ ...problem })),
  })
}

function parse<S extends v.GenericSchema>(schema: S, body: Uint8Array): v.InferOutput<S> {
  const parsed = v.safeParse(schema, fromCanonical(body))
  if (!parsed.success) throw malformed("this is not an entry of a vault's records")
  return parsed.output
}

function malformed(message: string): MunimentError {
  return new MunimentError('ERR_MALFORMED', message)
}
