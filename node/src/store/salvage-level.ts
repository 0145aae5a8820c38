import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { toCanonical } from '@muniment/crypto'
import { MunimentError } from '@muniment/interface'
import {
  CLOSED_FILE,
  FORMAT_ROW,
  LEVEL_FOLDER,
  MEND_FILE,
  OWN_TABLE,
  SALVAGE_BATCH_BYTES,
  SALVAGED_FOLDER,
  SALVAGING_FOLDER,
  STORE_FORMAT,
} from './constants.ts'
import { MARK_KEY } from './constants.ts'
import type { SyncedLevel } from './disk-engine.ts'
import { makeFolder, syncFolder } from './durable-files.ts'
import { batchOperation } from './level-engine.ts'
import { correctedCurrent, foundFiles, readCopy } from './level-files/correct-level-files.ts'
import { type FoundChange, logChanges, tableChanges } from './level-files/level-rows.ts'
import { rowKeys } from './row-keys.ts'
import { rowSeal } from './row-seal.ts'
import type { SealedStoreInit } from './sealed-store.ts'
import type { StoreLoss } from './store-damage.ts'

/** What saving takes. */
export interface SalvageInit {
  /** The store's folder. */
  readonly folder: string
  /** Where the damaged database is moved. */
  readonly aside: string
  readonly init: SealedStoreInit
  /** Opens a new Level database in a folder. */
  readonly newLevel: (folder: string) => Promise<SyncedLevel>
  /** Files that are read in the place of the database's own. */
  readonly right?: ReadonlyMap<string, Uint8Array>
}

/**
 * Makes a new database of all rows that still open, and moves the damaged one aside. Of a row the newest version found
 * counts, and one that does not open hides the older ones. What stood in parts that do not read is not known, so any row
 * may be older than what was last written: whoever keeps rows there that change has to make them anew. Throws
 * `ERR_STORE_DAMAGED`, with everything left where it was, when no row opens.
 */
export async function salvageLevel(salvage: SalvageInit): Promise<StoreLoss> {
  const { folder, aside, newLevel } = salvage
  const salvaging = join(folder, SALVAGING_FOLDER)
  await rm(salvaging, { recursive: true, force: true })
  await rm(join(folder, SALVAGED_FOLDER), { recursive: true, force: true })
  const level = await newLevel(salvaging)
  let loss: StoreLoss
  try {
    loss = await copyRows(salvage, level)
  } catch (error) {
    await level.close()
    await rm(salvaging, { recursive: true, force: true })
    throw error
  }
  await level.close()
  await syncFolder(salvaging)
  await rename(salvaging, join(folder, SALVAGED_FOLDER))
  await makeFolder(aside)
  await syncFolder(folder)
  await rename(join(folder, LEVEL_FOLDER), join(aside, LEVEL_FOLDER))
  await syncFolder(aside)
  await takeSalvaged(folder)
  return loss
}

/** Puts a database of what could be saved in its place; also one that a crash kept from it. */
export async function takeSalvaged(folder: string): Promise<void> {
  await rename(join(folder, SALVAGED_FOLDER), join(folder, LEVEL_FOLDER))
  await rm(join(folder, CLOSED_FILE), { force: true })
  await rm(join(folder, MEND_FILE), { force: true })
  await syncFolder(folder)
}

async function copyRows({ folder, init, right }: SalvageInit, level: SyncedLevel): Promise<StoreLoss> {
  const source = join(folder, LEVEL_FOLDER)
  const read = async (name: string): Promise<Uint8Array | undefined> =>
    right?.get(name) ?? readCopy(source, name)
  const current = await correctedCurrent(source)
  const manifest = current && (await read(current.manifest))
  const { tables, logs, missing } = await foundFiles(source, manifest)
  const copy = rowCopier(init, level)
  let parts = 0
  for (const name of [...tables, ...logs]) {
    const bytes = await read(name)
    if (!bytes) continue
    const { changes, unreadable } = name.endsWith('.log') ? logChanges(bytes) : tableChanges(bytes)
    parts += unreadable
    await copy.take(changes)
  }
  const rows = await copy.end()
  return { parts, rows, missing }
}

interface RowCopier {
  take(changes: readonly FoundChange[]): Promise<void>
  /** Gives how many rows did not open. */
  end(): Promise<number>
}

function rowCopier(init: SealedStoreInit, level: SyncedLevel): RowCopier {
  const newest = new Map<string, { readonly sequence: bigint; readonly opens: boolean }>()
  const seals = rowSeal(init)
  let waiting: ReturnType<typeof batchOperation>[] = []
  let bytes = 0
  const opens = (key: Uint8Array, value: Uint8Array): boolean => {
    try {
      seals.open(key, value)
      return true
    } catch {
      return false
    }
  }
  const flush = async (): Promise<void> => {
    const batch = waiting
    waiting = []
    bytes = 0
    if (batch.length > 0) await level.batch(batch, { sync: true })
  }
  return {
    async take(changes) {
      for (const { key, value, sequence } of changes) {
        const name = Buffer.from(key).toString('latin1')
        if (key.length === MARK_KEY.length || sequence < (newest.get(name)?.sequence ?? -1n)) continue
        const isGood = value === undefined || opens(key, value)
        newest.set(name, { sequence, opens: isGood })
        waiting.push(batchOperation({ key, value: isGood ? value : undefined }))
        bytes += value?.length ?? 0
        if (bytes > SALVAGE_BATCH_BYTES) await flush()
      }
    },
    async end() {
      await flush()
      const bad = [...newest.values()].filter((row) => !row.opens).length
      if (newest.size === bad) {
        throw new MunimentError(
          'ERR_STORE_DAMAGED',
          'nothing in this store can be read any more; it was left as it is',
        )
      }
      await writeFormatRow(init, level)
      return bad
    },
  }
}

async function writeFormatRow(init: SealedStoreInit, level: SyncedLevel): Promise<void> {
  const key = rowKeys(init.cryptography, init.key).of(OWN_TABLE, FORMAT_ROW)
  const value = rowSeal(init).seal(key, FORMAT_ROW, toCanonical({ format: STORE_FORMAT }))
  await level.batch([batchOperation({ key, value })], { sync: true })
}
