import { type DeviceId, type Milliseconds, MunimentError, type VersionVector } from '@muniment/interface'
import { fromCanonical, toCanonical } from '@muniment/crypto'
import { beyondCut } from './beyond-cut.ts'
import { type Catalogue, openCatalogue } from './catalogue.ts'
import { TABLES_VERSION } from './constants.ts'
import { laterFlush } from './flush-later.ts'
import { takeIn } from './intake.ts'
import { lookAtHoles, noteSkipped, SKIPPED, skippedLogs } from './lost-entries.ts'
import { type Meta, metaOf } from './meta.ts'
import { openNews } from './news.ts'
import { type QuarantineRow, TABLES, updatesTable } from './rows.ts'
import { openSegments, type Segments } from './segments.ts'
import { openShards, type Shards } from './shards.ts'
import { noteEditsAtRisk } from './edits-at-risk.ts'
import { openTables, type Tables } from './tables.ts'
import { openTurns, type Turns } from './turns.ts'
import type { VaultComponents, VaultEvent, VaultInit } from './vault.ts'

/** What the vault's verbs share. */
export interface VaultCore extends VaultComponents, VaultInit, Meta {
  /** The catalogue now: a rebuild replaces it. */
  readonly catalogue: () => Catalogue
  readonly tables: Tables
  readonly shards: Shards
  readonly segments: Segments
  /** Taking entries in and writing edits happen one after the other. */
  readonly inTurn: Turns
  /** Takes in what the log has; to be called in turn. */
  catchUp(): Promise<void>
  /** The entries that were refused, and those beyond where the logs of removed devices end. */
  quarantine(): readonly QuarantineRow[]
  observe(listener: (event: VaultEvent) => void): () => void
  now(): Milliseconds
  close(): Promise<void>
}

/** Opens the tables and takes in what the log got since they were written. */
export async function openCore(components: VaultComponents, init: VaultInit): Promise<VaultCore> {
  const { log, store } = components
  const tables = openTables(store)
  const inTurn = openTurns()
  const later = laterFlush(components.clock, tables, inTurn)
  let catalogue = await openCatalogue(store, tables)
  const shards = openShards({ ...components, tables }, () => catalogue)
  const segments = openSegments(components)
  const [meta, beyond] = [metaOf(tables), beyondCut(log)]

  const events = openNews(() => catalogue)

  /** The tables are made anew from the log: they have another layout, or hold what a fork or a removal took out of sight. */
  async function rebuild(): Promise<void> {
    await tables.flush()
    await store.commit(await removalOfTables(components, catalogue))
    catalogue = await openCatalogue(store, tables)
    shards.closeAll()
    tables.put([{ table: TABLES.meta, key: 'version', value: toCanonical(TABLES_VERSION) }])
  }

  async function catchUp(): Promise<void> {
    const { isRefilled, skipped } = lookAtHoles(await meta.getMeta(SKIPPED), log.holes(), catalogue)
    if (isRefilled) await rebuild()
    const cut = takenInTooFar(catalogue, log.seen())
    const changed = cut.size > 0 ? collectionsIn(catalogue) : []
    if (cut.size > 0) {
      await noteEditsAtRisk(meta, init, { catalogue, shards, cut })
      await rebuild()
    }
    await takeIn({ ...components, ...init, tables, catalogue, shards, events })
    await beyond.look()
    noteSkipped(meta, skipped, skippedLogs(log.holes(), catalogue))
    events.importChanged(changed)
  }

  const queueCatchUp = queued(inTurn, async () => {
    await catchUp()
    later.flushLater()
  })

  const version = await tables.get(TABLES.meta, 'version')
  if (!version || fromCanonical(version) !== TABLES_VERSION) await rebuild()
  await inTurn(catchUp)
  const stops = [log.onAppend(queueCatchUp), log.onFork(queueCatchUp), log.onCut(queueCatchUp)]

  return {
    ...components,
    ...init,
    catalogue: () => catalogue,
    tables,
    shards,
    segments,
    inTurn,
    catchUp,
    quarantine: () => [...catalogue.quarantine, ...beyond.rows()],
    observe: (listener) => events.observe(listener),
    ...meta,
    now: () => components.clock.now(),
    async close() {
      for (const stop of stops) stop()
      later.stop()
      events.close()
      await inTurn(() => tables.flush())
    },
  }
}

/** Asks for work in turn; to ask again while it waits adds nothing. */
function queued(inTurn: Turns, work: () => Promise<void>): () => void {
  let isQueued = false
  return () => {
    if (isQueued) return
    isQueued = true
    inTurn(async () => {
      isQueued = false
      await work()
    }).catch(() => undefined) // The next call that takes its turn meets the same failure and throws it.
  }
}

/** The devices of whose logs more was taken in than counts now. */
function takenInTooFar({ cursors }: Catalogue, seen: VersionVector): ReadonlySet<DeviceId> {
  const ahead = [...cursors.values()].filter(({ device, seq }) => seq > (seen[device] ?? 0))
  return new Set(ahead.map(({ device }) => device))
}

function collectionsIn({ segments, shards }: Catalogue): readonly string[] {
  const typed = [...shards.values()].flatMap((row) => Object.keys(row.typed))
  return [...new Set([...[...segments.values()].map(({ collection }) => collection), ...typed])]
}

/** This device's client id; throws `ERR_NOT_A_MEMBER` when the roster gives it none. */
export function ownClient({ clientIdOf, device }: VaultInit): number {
  const client = clientIdOf(device)
  if (client === undefined)
    throw new MunimentError('ERR_NOT_A_MEMBER', 'the roster does not know this device')
  return client
}

async function removalOfTables(
  { store }: VaultComponents,
  catalogue: Catalogue,
): Promise<{ table: string; key: string | number; value: undefined }[]> {
  const changes: { table: string; key: string | number; value: undefined }[] = []
  const { meta, quarantine, ledger, ...named } = TABLES
  for (const { id, from, next } of catalogue.shards.values()) {
    for (let key = from; key < next; key++) changes.push({ table: updatesTable(id), key, value: undefined })
  }
  for (const table of Object.values(named)) {
    for await (const { key } of store.listNames(table)) changes.push({ table, key, value: undefined })
  }
  for (const table of [quarantine, ledger]) {
    for await (const { key } of store.list(table)) changes.push({ table, key, value: undefined })
  }
  changes.push({ table: meta, key: 'version', value: undefined })
  return changes
}
