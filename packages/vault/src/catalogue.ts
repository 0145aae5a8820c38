import type { DeviceId, Store } from '@muniment/interface'
import { MAX_QUARANTINE } from './constants.ts'
import {
  type CursorRow,
  type ImportRow,
  ledgerChange,
  type LedgerRow,
  parseCursorRow,
  parseImportRow,
  parseQuarantineRow,
  parseSegmentRow,
  parseShardRow,
  type QuarantineRow,
  refusedChange,
  rowChange,
  type SegmentRow,
  type ShardRow,
  TABLES,
  updatesTable,
} from './rows.ts'
import { type Erasures, openErasures } from './erasures.ts'
import type { Tables } from './tables.ts'

/** What the vault knows without opening a segment or shard. It is small enough to be in memory whole. */
export interface Catalogue {
  readonly segments: ReadonlyMap<string, SegmentRow>
  readonly imports: ReadonlyMap<string, ImportRow>
  readonly shards: ReadonlyMap<string, ShardRow>
  readonly cursors: ReadonlyMap<DeviceId, CursorRow>
  /** Imports and segments that were taken back: whatever still arrives of them is dropped. */
  readonly forgotten: ReadonlySet<string>
  readonly quarantine: readonly QuarantineRow[]
  readonly deviceOf: (client: number) => DeviceId | undefined
  /** True when the segment's import was finished by the device that wrote it, and not undone. */
  isInSight(segment: SegmentRow): boolean
  /** The segments in sight, of one collection or of all. */
  segmentsInSight(collection?: string): readonly SegmentRow[]
  putSegment(row: SegmentRow): void
  putImport(row: ImportRow): void
  putShard(row: ShardRow): void
  putCursor(row: CursorRow): void
  putLedger(row: LedgerRow): void
  refuse(row: QuarantineRow): void
  /** Drops an import with its segments and the edits of its records. */
  forget(importId: string): readonly SegmentRow[]
  /** Drops what is left of an import that was taken back: its name and when it came. */
  dropImport(importId: string): void
  /** Drops a segment that arrived after its import was taken back. */
  forgetSegment(id: string): void
  /** What was asked to be erased. */
  readonly erasures: Erasures
}

/** Reads the catalogue from the store. */
export async function openCatalogue(store: Store, tables: Tables): Promise<Catalogue> {
  const state = await readState(store)
  const { segments, imports, shards, cursors, forgotten, quarantine, devices } = state

  const isInSight = (segment: SegmentRow): boolean => {
    const { isFinished, device } = imports.get(segment.importId) ?? { isFinished: false, device: '' }
    return isFinished && device === segment.device && !forgotten.has(segment.importId)
  }
  const putImport = (row: ImportRow): void => {
    imports.set(row.id, row)
    tables.put([rowChange('imports', row.id, row)])
  }

  return {
    segments,
    imports,
    shards,
    cursors,
    forgotten,
    quarantine,
    deviceOf: (client) => devices.get(client),
    isInSight,
    segmentsInSight: (collection) =>
      [...segments.values()].filter(
        (row) => isInSight(row) && (collection === undefined || row.collection === collection),
      ),
    putSegment(row) {
      segments.set(row.id, row)
      tables.put([rowChange('segments', row.id, row)])
    },
    putImport,
    putShard(row) {
      shards.set(row.id, row)
      tables.put([rowChange('shards', row.id, row)])
    },
    putCursor(row) {
      cursors.set(row.device, row)
      if (row.client !== undefined) devices.set(row.client, row.device)
      tables.put([rowChange('cursors', row.device, row)])
    },
    putLedger: (row) => tables.put([ledgerChange(state.nextLedger++, row)]),
    refuse: (row) => refuseEntry(state, tables, row),
    forget(importId) {
      noteForgotten(state, tables, importId)
      const dropped = [...segments.values()].filter((row) => row.importId === importId)
      for (const { id } of dropped) dropSegment(state, tables, id)
      const row = imports.get(importId)
      if (row) putImport({ ...row, isUndone: true })
      return dropped
    },
    dropImport(importId) {
      imports.delete(importId)
      tables.put([{ table: TABLES.imports, key: importId, value: undefined }])
    },
    forgetSegment: (id) => dropSegment(state, tables, id),
    erasures: await openErasures(store, tables),
  }
}

interface State {
  readonly segments: Map<string, SegmentRow>
  readonly imports: Map<string, ImportRow>
  readonly shards: Map<string, ShardRow>
  readonly cursors: Map<DeviceId, CursorRow>
  readonly forgotten: Set<string>
  readonly quarantine: QuarantineRow[]
  readonly devices: Map<number, DeviceId>
  nextRefused: number
  nextLedger: number
}

async function readState(store: Store): Promise<State> {
  const cursors = await namedRows(store, TABLES.cursors, parseCursorRow)
  const state: State = {
    segments: await namedRows(store, TABLES.segments, parseSegmentRow),
    imports: await namedRows(store, TABLES.imports, parseImportRow),
    shards: await namedRows(store, TABLES.shards, parseShardRow),
    cursors,
    forgotten: new Set(),
    quarantine: [],
    devices: new Map(),
    nextRefused: 0,
    nextLedger: 0,
  }
  for await (const { key } of store.listNames(TABLES.forgotten)) state.forgotten.add(key)
  for await (const { key, value } of store.list(TABLES.quarantine)) {
    state.quarantine.push(parseQuarantineRow(value))
    state.nextRefused = key + 1
  }
  for await (const { key } of store.list(TABLES.ledger, { reverse: true, limit: 1 }))
    state.nextLedger = key + 1
  for (const { client, device } of cursors.values())
    if (client !== undefined) state.devices.set(client, device)
  return state
}

function refuseEntry(state: State, tables: Tables, row: QuarantineRow): void {
  const key = state.nextRefused++
  state.quarantine.push(row)
  tables.put([refusedChange(key, row)])
  if (state.quarantine.length <= MAX_QUARANTINE) return
  state.quarantine.shift()
  tables.put([{ table: TABLES.quarantine, key: key - MAX_QUARANTINE, value: undefined }])
}

function noteForgotten({ forgotten }: State, tables: Tables, id: string): void {
  forgotten.add(id)
  tables.put([{ table: TABLES.forgotten, key: id, value: new Uint8Array(0) }])
}

/** Drops a segment with the shard of its edits, and remembers that whatever still comes for it is to be dropped. */
function dropSegment(state: State, tables: Tables, id: string): void {
  const row = state.shards.get(id)
  noteForgotten(state, tables, id)
  state.segments.delete(id)
  state.shards.delete(id)
  for (const table of [
    TABLES.segments,
    TABLES.titles,
    TABLES.fingerprints,
    TABLES.shards,
    TABLES.snapshots,
  ]) {
    tables.put([{ table, key: id, value: undefined }])
  }
  for (let key = row?.from ?? 0; key < (row?.next ?? 0); key++) {
    tables.put([{ table: updatesTable(id), key, value: undefined }])
  }
}

async function namedRows<R>(
  store: Store,
  table: string,
  parse: (value: Uint8Array) => R,
): Promise<Map<string, R>> {
  const rows = new Map<string, R>()
  for await (const { key, value } of store.listNames(table)) rows.set(key, parse(value))
  return rows
}
