import { join } from 'node:path'
import { sameBytes, toCanonical } from '@muniment/crypto'
import { type Clock, isMunimentError, MunimentError } from '@muniment/interface'
import { ClassicLevel } from 'classic-level'
import { nodeClock } from '../platform/clock.ts'
import { type CheckedStore, checkStore } from './check-store.ts'
import { readClosedMark, writeClosedMark } from './closed-mark.ts'
import {
  CLOSED_FILE,
  FORMAT_ROW,
  LEVEL_FOLDER,
  OWN_TABLE,
  RESERVE_FILE,
  STORE_FORMAT,
  WRITE_BUFFER_BYTES,
} from './constants.ts'
import { type DiskRoom, diskRoom } from './disk-room.ts'
import { diskEngine, type SyncedLevel } from './disk-engine.ts'
import { syncFolder } from './durable-files.ts'
import { BYTE_ENCODINGS } from './level-engine.ts'
import { checkLevelFiles, closedFiles } from './level-files/check-level-files.ts'
import { asksForMending, endInterruptedMending, mendStore } from './mend-store.ts'
import { sealedStore, type SealedStoreInit } from './sealed-store.ts'
import { toStoreError } from './store-errors.ts'
import type { StoreDamage } from './store-damage.ts'
import { createStoreFolder, holdsStore, mendFormatFile } from './store-folder.ts'

/** Settings of a store on disk. */
export interface LevelStoreInit extends SealedStoreInit {
  /** False to open only what exists (`ERR_NO_VAULT` otherwise); by default a missing store is created. */
  readonly create?: boolean
  /** By which it is looked now and then whether a full disk has room again; by default the clock of this machine. */
  readonly clock?: Clock
  /** With it a damaged store is mended as far as it can be; without it, it is refused. */
  readonly mending?: MendingInit
}

/** What mending a damaged store takes. */
export interface MendingInit {
  /** A folder, on the same disk, that does not exist yet: what was damaged is kept there as it was. */
  readonly aside: string
  /**
   * True when it is better to go on with the rows that still open than not at all: for who can get the rest again elsewhere,
   * and for whom a row that is older than it should be is no danger.
   */
  readonly mayLoseRows: boolean
  /** Told what was found, once the store is open again. */
  readonly onDamage: (damage: StoreDamage) => void
}

/**
 * Opens the store in a folder, or creates it. One process at a time has it open.
 *
 * Throws `ERR_STORE_LOCKED`, `ERR_STORE_NEWER`, `ERR_STORE_NOT_WRITABLE`, `ERR_STORE_FULL`, `ERR_STORE_DAMAGED` (every
 * file is checked before it is used), `ERR_KEY_UNKNOWN` for a key that is not this store's, and `ERR_NO_VAULT`.
 */
export async function openLevelStore(folder: string, init: LevelStoreInit): Promise<CheckedStore> {
  try {
    if (init.mending) await mendFormatFile(folder, init.mending.aside)
    if (!(await holdsStore(folder))) {
      if (init.create === false) throw new MunimentError('ERR_NO_VAULT', 'there is no store in this folder')
      await createStoreFolder(folder, (temporary) => fillNewStore(temporary, init))
    }
    return await openOrMend(folder, init)
  } catch (error) {
    throw toStoreError(error)
  }
}

/** Opens a store; one that is damaged is mended first, if that is asked for. */
async function openOrMend(folder: string, init: LevelStoreInit): Promise<CheckedStore> {
  await endInterruptedMending(folder)
  const { mending } = init
  if (!mending) return openExisting(folder, init)
  const mend = async (isBitsEnough: boolean): Promise<CheckedStore> => {
    await refuseLocked(join(folder, LEVEL_FOLDER))
    const newLevel = (path: string): Promise<SyncedLevel> => openLevel(path, { isNew: true })
    const salvage = { folder, aside: mending.aside, init, newLevel }
    const damage = await mendStore(salvage, { isBitsEnough, mayLoseRows: mending.mayLoseRows })
    try {
      const store = await openExisting(folder, init)
      mending.onDamage(damage)
      return store
    } catch (error) {
      if (damage.lost || !isDamage(error)) throw error
      return mend(false)
    }
  }
  if (await asksForMending(folder)) return mend(false)
  try {
    return await openExisting(folder, init)
  } catch (error) {
    if (!isDamage(error)) throw error
    return mend(true)
  }
}

function isDamage(error: unknown): boolean {
  return isMunimentError(toStoreError(error), 'ERR_STORE_DAMAGED')
}

async function fillNewStore(folder: string, init: LevelStoreInit): Promise<void> {
  const levelFolder = join(folder, LEVEL_FOLDER)
  const level = await openLevel(levelFolder, { isNew: true })
  const engine = await diskEngine({
    folder: levelFolder,
    room: diskRoom({ reserve: join(folder, RESERVE_FILE), clock: init.clock ?? nodeClock }),
    random: init.random,
    openLevel: async () => level,
  })
  const store = sealedStore(engine, init)
  await store.commit([{ table: OWN_TABLE, key: FORMAT_ROW, value: toCanonical({ format: STORE_FORMAT }) }])
  await store.close()
  await syncFolder(levelFolder)
}

async function openExisting(folder: string, init: LevelStoreInit): Promise<CheckedStore> {
  const levelFolder = join(folder, LEVEL_FOLDER)
  const closedMark = join(folder, CLOSED_FILE)
  const room = diskRoom({ reserve: join(folder, RESERVE_FILE), clock: init.clock ?? nodeClock })
  const checkedOpen = async (): Promise<SyncedLevel> => {
    await refuseLocked(levelFolder)
    await checkLevelFiles(levelFolder, await readClosedMark(closedMark, init)).catch(
      async (error: unknown) => {
        // Files that another process has just begun to change do not check either.
        await refuseLocked(levelFolder)
        throw error
      },
    )
    return openLevel(levelFolder, { isNew: false })
  }
  const engine = await diskEngine({
    folder: levelFolder,
    room,
    random: init.random,
    openLevel: () => openWithRoom(room, checkedOpen),
  })
  const store = sealedStore(engine, init)
  try {
    await refuseWrongKey(store)
    await room.keepReserve()
  } catch (error) {
    await store.close()
    throw error
  }
  const close = async (): Promise<void> => {
    await store.close()
    try {
      await writeClosedMark(closedMark, await closedFiles(levelFolder), init)
    } catch {
      // Without a mark less is checked at the next opening; it is no reason to fail now.
    }
  }
  let closing: Promise<void> | undefined
  return {
    ...store,
    readOnly: () => room.readOnly,
    ranOut: (bytes) => room.ranOut(bytes),
    check: (options) => checkStore({ folder, engine, init }, options),
    close: () => (closing ??= close()),
  }
}

/** Opens the database; where that finds no room, once more with what was kept back. */
async function openWithRoom(room: DiskRoom, openIt: () => Promise<SyncedLevel>): Promise<SyncedLevel> {
  try {
    return await openIt()
  } catch (error) {
    if (!isMunimentError(toStoreError(error), 'ERR_STORE_FULL')) throw error
    await room.ranOut(0)
    return openIt()
  }
}

/**
 * Throws Level's own error when another process has the database open. Being told that it exists is the answer of a
 * database that is free, and opening it in this way changes nothing in it.
 */
async function refuseLocked(folder: string): Promise<void> {
  const level = new ClassicLevel(folder, { createIfMissing: false, errorIfExists: true })
  try {
    await level.open()
    await level.close()
  } catch (error) {
    const meant = toStoreError(error)
    if (!isMunimentError(meant, 'ERR_STORE_DAMAGED')) throw meant
  }
}

async function openLevel(folder: string, { isNew }: { isNew: boolean }): Promise<SyncedLevel> {
  const level = new ClassicLevel<Uint8Array, Uint8Array>(folder, {
    ...BYTE_ENCODINGS,
    createIfMissing: isNew,
    // Sealed bytes do not shrink, and the check of tables reads their index as it is.
    compression: false,
    writeBufferSize: WRITE_BUFFER_BYTES,
  })
  await level.open()
  return level
}

async function refuseWrongKey(store: Pick<CheckedStore, 'get'>): Promise<void> {
  const row = await store.get(OWN_TABLE, FORMAT_ROW)
  if (!row) throw new MunimentError('ERR_KEY_UNKNOWN', 'this key is not the key of this store')
  if (!sameBytes(row, toCanonical({ format: STORE_FORMAT }))) {
    throw new MunimentError('ERR_STORE_DAMAGED', 'this store says two things about its version')
  }
}
