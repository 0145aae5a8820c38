import { isMunimentError } from '@muniment/interface'
import {
  changeRecord,
  createRecord,
  removeRecord,
  restoreRecord,
  type TypedPlace,
  typedPlace,
} from './change-records.ts'
import { openCore, type VaultCore } from './core.ts'
import { eraser } from './eraser.ts'
import { importRecords, listImports, undoImport } from './import-records.ts'
import { appendLedger, readLedger } from './ledger.ts'
import { listRecords } from './list-records.ts'
import { readConflicts, readRecord } from './read-records.ts'
import { searchTitles } from './search-titles.ts'
import { readSetting, readSettings, writeSetting } from './settings.ts'
import { rescueStranded } from './rescue-stranded.ts'
import { openTurns } from './turns.ts'
import type { Vault, VaultComponents, VaultInit } from './vault.ts'
import { editWriter, type WriteEdit } from './write-edits.ts'

/**
 * Opens a vault over a log. It reads its tables, and from the log only what came since they were written.
 * Throws `ERR_STORE_DAMAGED`, and whatever log and store throw.
 */
export async function openVault(components: VaultComponents, init: VaultInit): Promise<Vault> {
  const core = await openCore(components, init)
  const place = typedPlace(core)
  const write = editWriter(core, () => place.reset())
  const rescue = rescuer(core, write, place)
  const settle = (): Promise<void> =>
    core.inTurn(async () => {
      await core.catchUp()
      await core.tables.flush()
    })
  const settled = async (): Promise<void> => {
    await settle()
    if (await rescue()) await settle()
  }
  const erasing = eraser(core)
  return {
    create: (draft) => createRecord(write, place, draft),
    ...importVerbs(core),
    ...erasing.verbs,
    record: (id) => readRecord(core, id),
    records: (options) => listRecords(core, options),
    collections: () => countCollections(core),
    get count() {
      return [...countCollections(core).values()].reduce((sum, count) => sum + count, 0)
    },
    edit: (id, changes) => changeRecord(core, write, { id, changes, isSettling: false }),
    remove: (id) => removeRecord(core, write, id),
    restore: (id) => restoreRecord(core, write, id),
    conflicts: () => readConflicts(core),
    settle: (id, changes) => changeRecord(core, write, { id, changes, isSettling: true }),
    searchTitles: (text, options) => searchTitles(core, text, options),
    observe: (listener) => core.observe(listener),
    getSetting: (name) => readSetting(core, name),
    putSetting: (name, value) => writeSetting(core, write, { name, value }),
    settings: (prefix = '') => readSettings(core, prefix),
    appendLedger: (entry) => appendLedger(core, entry),
    ledger: (relationship) => readLedger(core, relationship),
    quarantine: () => core.quarantine(),
    async keysChanged() {
      await settled()
      erasing.look()
    },
    settled,
    async close() {
      await erasing.stop()
      await core.close()
    },
  }
}

/** Imports run one at a time. */
function importVerbs(core: VaultCore): Pick<Vault, 'addImport' | 'addReceived' | 'undoImport' | 'imports'> {
  const importing = openTurns()
  return {
    addImport(drafts, options = {}) {
      const { file, format } = options
      const origin = {
        assurance: 'imported' as const,
        ...(file !== undefined && { file }),
        ...(format !== undefined && { format }),
      }
      return importing(() => importRecords(core, drafts, { ...options, origin, isDeduplicating: true }))
    },
    addReceived: (drafts, from) =>
      importing(() => importRecords(core, drafts, { origin: from, isDeduplicating: false })),
    undoImport: (importId) => importing(() => undoImport(core, importId)),
    imports: () => listImports(core),
  }
}

/** Rescues stranded edits one call after the other; what cannot be written now waits for the next call. */
function rescuer(core: VaultCore, write: WriteEdit, place: TypedPlace): () => Promise<boolean> {
  const inTurn = openTurns()
  return () =>
    inTurn(async () => {
      try {
        return await rescueStranded(core, write, place)
      } catch (error) {
        if (WAITING.some((code) => isMunimentError(error, code))) return false
        throw error
      }
    })
}

/** Why a device may not write now, or not any more. */
const WAITING = ['ERR_HEAD_UNCONFIRMED', 'ERR_ROLLED_BACK', 'ERR_REMOVED', 'ERR_KEY_UNKNOWN'] as const

/** Records in sight by collection: what segments and typed shards hold, less what was removed. */
function countCollections(core: VaultCore): ReadonlyMap<string, number> {
  const catalogue = core.catalogue()
  const counts = new Map<string, number>()
  const add = (collection: string, count: number): void => {
    if (count > 0) counts.set(collection, (counts.get(collection) ?? 0) + count)
  }
  for (const { id, collection, count } of catalogue.segmentsInSight()) {
    add(collection, count - (catalogue.shards.get(id)?.removed ?? 0))
  }
  for (const { id, typed } of catalogue.shards.values()) {
    if (catalogue.segments.has(id)) continue
    for (const [collection, count] of Object.entries(typed)) add(collection, count)
  }
  return counts
}
