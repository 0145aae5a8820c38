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
import type { Tables } from './tables.ts'

/** What the vault knows without opening a segment or shard. It is small enough to be in memory whole. */
export interface Catalogue {
  readonly segments: ReadonlyMap<string, SegmentRow>
  readonly imports: ReadonlyMap<string, ImportRow>
  readonly shards: ReadonlyMap<string, ShardRow>
  readonly cursors: ReadonlyMap<DeviceId, CursorRow>
  /** Imports that were undone: whatever still arrives of them is dropped. */
  readonly forgotten: ReadonlySet<string>
  readonly quarantine: readonly QuarantineRow[]
  deviceOf(client: number): DeviceId | undefined
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
}

/** Reads the catalogue from the store. */
export async function openCatalogue(store: Store, tables: Tables): Promise<Catalogue> {
  const segments = await namedRows(store, TABLES.segments, parseSegmentRow)
  const imports = await namedRows(store, TABLES.imports, parseImportRow)
  const shards = await namedRows(store, TABLES.shards, parseShardRow)
  const cursors = await namedRows(store, TABLES.cursors, parseCursorRow)
  const forgotten = new Set<string>()
  for await (const { key } of store.listNames(TABLES.forgotten)) forgotten.add(key)
  const quarantine: QuarantineRow[] = []
  let nextRefused = 0
  for await (const { key, value } of store.list(TABLES.quarantine)) {
    quarantine.push(parseQuarantineRow(value))
    nextRefused = key + 1
  }
  let nextLedger = 0
  for await (const { key } of store.list(TABLES.ledger, { reverse: true, limit: 1 })) nextLedger = key + 1
  const devices = new Map<number, DeviceId>()
  for (const { client, device } of cursors.values()) if (client !== undefined) devices.set(client, device)

  const isInSight = (segment: SegmentRow): boolean => {
    const { isFinished, device } = imports.get(segment.importId) ?? { isFinished: false, device: '' }
    return isFinished && device === segment.device && !forgotten.has(segment.importId)
  }

  const putImport = (row: ImportRow): void => {
    imports.set(row.id, row)
    tables.put([rowChange('imports', row.id, row)])
  }

  const dropSegment = ({ id }: SegmentRow): void => {
    const row = shards.get(id)
    segments.delete(id)
    shards.delete(id)
    tables.put([
      { table: TABLES.segments, key: id, value: undefined },
      { table: TABLES.titles, key: id, value: undefined },
      { table: TABLES.fingerprints, key: id, value: undefined },
    ])
    if (!row) return
    tables.put([
      { table: TABLES.shards, key: id, value: undefined },
      { table: TABLES.snapshots, key: id, value: undefined },
    ])
    for (let at = row.from; at < row.next; at++) {
      tables.put([{ table: updatesTable(id), key: at, value: undefined }])
    }
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
    putLedger(row) {
      tables.put([ledgerChange(nextLedger++, row)])
    },
    refuse(row) {
      quarantine.push(row)
      tables.put([refusedChange(nextRefused, row)])
      nextRefused++
      if (quarantine.length <= MAX_QUARANTINE) return
      quarantine.shift()
      tables.put([{ table: TABLES.quarantine, key: nextRefused - 1 - MAX_QUARANTINE, value: undefined }])
    },
    forget(importId) {
      forgotten.add(importId)
      tables.put([{ table: TABLES.forgotten, key: importId, value: new Uint8Array(0) }])
      const dropped = [...segments.values()].filter((row) => row.importId === importId)
      for (const row of dropped) dropSegment(row)
      const row = imports.get(importId)
      if (row) putImport({ ...row, isUndone: true })
      return dropped
    },
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
