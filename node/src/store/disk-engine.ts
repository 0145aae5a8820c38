import { readdir } from 'node:fs/promises'
import { sameBytes } from '@muniment/crypto'
import { isMunimentError, type MunimentError, type Random } from '@muniment/interface'
import { MARK_KEY, MARK_LENGTH } from './constants.ts'
import type { DiskRoom } from './disk-room.ts'
import { syncFolder } from './durable-files.ts'
import type { Engine, WriteOperation } from './engine.ts'
import { batchOperation, type ByteLevel } from './level-engine.ts'
import { logNames } from './level-files/check-level-files.ts'
import { type PurgeableLevel, purgeLevel } from './purge-level.ts'
import { readers } from './readers.ts'
import { toStoreError } from './store-errors.ts'

/**
 * A second attempt, on the database opened anew: LevelDB refuses every write after a compaction in the background found
 * no room, also when there is room by now.
 */
const WRITE_ATTEMPTS = 2

/** A database of which a write can be asked to wait for the disk, and whose tables can be rewritten. */
export type SyncedLevel = Omit<ByteLevel, 'batch'> &
  PurgeableLevel & {
    batch(operations: ReturnType<typeof batchOperation>[], options: { readonly sync: boolean }): Promise<void>
  }

/** What the engine on disk is made with. */
export interface DiskEngineInit {
  /** The folder of the Level database. */
  readonly folder: string
  /** The room on the disk. */
  readonly room: DiskRoom
  readonly random: Random
  /** Opens the Level database in the folder. */
  readonly openLevel: () => Promise<SyncedLevel>
}

interface OpenLevel {
  readonly level: SyncedLevel
  newestLog: string | undefined
}

/**
 * An engine whose `write` resolves when the bytes survive power loss: the batch is synced, and the folder too when the
 * log it went to is new, because LevelDB syncs the folder for its manifest only.
 *
 * After a failed write LevelDB's log cannot be trusted to take another one, so the database is opened anew, which cuts
 * off what was half written; the mark then tells whether the failed write is part of it after all.
 */
export async function diskEngine(init: DiskEngineInit): Promise<Engine> {
  let open: Promise<OpenLevel> = openDurably(init)
  await open
  const reading = readers()

  const recover = async (): Promise<OpenLevel> => {
    const before = open
    open = before
      .then(({ level }) => level.close())
      .catch(() => undefined)
      .then(() => openDurably(init))
    return open
  }
  /** The database; one that could not be opened again is tried once more, for there may be room by now. */
  const usable = (): Promise<OpenLevel> => open.catch(recover)

  return {
    async write(operations) {
      const mark = init.random(MARK_LENGTH)
      const bytes = operations.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
      await init.room.refuseWhenFull(bytes)
      for (let attempts = 1; ; attempts++) {
        const error = await attempted({ usable, recover, init }, { operations, mark, bytes })
        if (!error) return init.room.hasRoom()
        if (attempts === WRITE_ATTEMPTS) throw error
      }
    },
    async get(key) {
      try {
        return await (await usable()).level.get(key)
      } catch (error) {
        throw toStoreError(error)
      }
    },
    async *entries(range) {
      const end = reading.begin()
      try {
        yield* entriesOf(await usable(), range)
      } finally {
        end()
      }
    },
    idle: () => reading.idle(),
    async purge() {
      const { isIdle, count: begun } = reading
      await purged(await usable(), init).catch(async (cause: unknown) => {
        await recover().catch(() => undefined)
        throw toStoreError(cause)
      })
      return isIdle && begun === reading.count
    },
    async close() {
      init.room.close()
      await open.then(({ level }) => level.close()).catch(() => undefined)
    },
  }
}

interface Attempting {
  readonly usable: () => Promise<OpenLevel>
  readonly recover: () => Promise<OpenLevel>
  readonly init: DiskEngineInit
}

/** Writes once; gives what went wrong when the batch is not in the database. */
async function attempted(
  { usable, recover, init }: Attempting,
  {
    operations,
    mark,
    bytes,
  }: {
    readonly operations: readonly WriteOperation[]
    readonly mark: Uint8Array
    readonly bytes: number
  },
): Promise<MunimentError | undefined> {
  try {
    const batch = [...operations, { key: MARK_KEY, value: mark }].map(batchOperation)
    await writeSynced(await usable(), batch, init.folder)
    return undefined
  } catch (cause) {
    const met = toStoreError(cause)
    const error = isMunimentError(met, 'ERR_STORE_FULL') ? await init.room.ranOut(bytes) : met
    const again = await recover().catch(() => undefined)
    const found = await again?.level.get(MARK_KEY)
    return found && sameBytes(found, mark) ? undefined : error
  }
}

async function* entriesOf(
  { level }: OpenLevel,
  { first, last, reverse, limit }: Parameters<Engine['entries']>[0],
): AsyncGenerator<readonly [Uint8Array, Uint8Array]> {
  try {
    yield* level.iterator({ gte: first, lte: last, reverse, limit })
  } catch (error) {
    throw toStoreError(error)
  }
}

/** Rewrites the tables; the log that LevelDB begins with it is in the folder for good as well. */
async function purged(open: OpenLevel, { folder, random }: DiskEngineInit): Promise<void> {
  await purgeLevel(open.level, { folder, random })
  open.newestLog = await newestLogName(folder)
}

/** Opens the database; its fresh log and its manifest are in the folder for good before anything is acknowledged. */
async function openDurably({ folder, openLevel }: DiskEngineInit): Promise<OpenLevel> {
  const level = await openLevel()
  try {
    await syncFolder(folder)
    return { level, newestLog: await newestLogName(folder) }
  } catch (error) {
    await level.close()
    throw error
  }
}

async function writeSynced(
  open: OpenLevel,
  batch: ReturnType<typeof batchOperation>[],
  folder: string,
): Promise<void> {
  await open.level.batch(batch, { sync: true })
  // LevelDB starts a new log before the write that goes to it, so a new name is here by now.
  const newest = await newestLogName(folder)
  if (newest === open.newestLog) return
  await syncFolder(folder)
  open.newestLog = newest
}

async function newestLogName(folder: string): Promise<string | undefined> {
  return logNames(await readdir(folder)).at(-1)
}
