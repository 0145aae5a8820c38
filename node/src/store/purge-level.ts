import { MunimentError, type Random } from '@muniment/interface'
import { MARK_KEY, MARK_LENGTH } from './constants.ts'
import { syncFolder } from './durable-files.ts'
import { batchOperation } from './level-engine.ts'

/** A database whose tables can be rewritten, and that tells where they are. */
export interface PurgeableLevel {
  batch(operations: ReturnType<typeof batchOperation>[], options: { readonly sync: boolean }): Promise<void>
  compactRange(start: Uint8Array, end: Uint8Array): Promise<void>
  getProperty(property: string): string
}

/** After every row: rows begin with 12 bytes of an HMAC, and none is this long. Nothing is ever stored under it. */
const LAST_KEY = new Uint8Array(64).fill(0xff)

/** Levels of a LevelDB. */
const LEVELS = 7

/** Rounds in a row that begin with all tables on one level: one that LevelDB's own compaction got into is not trusted. */
const QUIET_ROUNDS = 2

/** Each round that is not quiet moves everything to the lowest level in use, which has room or is left once. */
const MAX_ROUNDS: number = QUIET_ROUNDS * LEVELS

/**
 * Rewrites all tables, so that no value that was overwritten or removed before is in any file.
 *
 * LevelDB compacts a range from level to level, but leaves tables of the last level alone that nothing above them
 * overlaps; and a table that is written from memory holds every version of a row that was in memory. So each round puts
 * down a first key and the removal of a last one: together they are a table that overlaps everything. A round that
 * began with all tables on one level has rewritten each of them.
 */
export async function purgeLevel(
  level: PurgeableLevel,
  { folder, random }: { readonly folder: string; readonly random: Random },
): Promise<void> {
  for (let round = 0, quiet = 0; round < MAX_ROUNDS; round++) {
    quiet = round > 0 && levelsInUse(level) === 1 ? quiet + 1 : 0
    const around = [
      { key: MARK_KEY, value: random(MARK_LENGTH) },
      { key: LAST_KEY, value: undefined },
    ]
    await level.batch(around.map(batchOperation), { sync: true })
    await level.compactRange(MARK_KEY, LAST_KEY)
    await syncFolder(folder)
    if (quiet === QUIET_ROUNDS) return
  }
  throw new MunimentError('ERR_INTERNAL', 'the tables of the store do not come to rest')
}

function levelsInUse(level: PurgeableLevel): number {
  let used = 0
  for (let at = 0; at < LEVELS; at++) {
    if (Number(level.getProperty(`leveldb.num-files-at-level${at}`)) > 0) used++
  }
  return used
}
