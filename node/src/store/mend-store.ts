import { copyFile, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isMunimentError, MunimentError } from '@muniment/interface'
import { readClosedMark } from './closed-mark.ts'
import { CLOSED_FILE, LEVEL_FOLDER, MEND_FILE, SALVAGED_FOLDER } from './constants.ts'
import { makeFolder, replaceFile, syncFolder } from './durable-files.ts'
import { checkLevelFiles } from './level-files/check-level-files.ts'
import { correctLevelFiles, type IsRow } from './level-files/correct-level-files.ts'
import { rowSeal } from './row-seal.ts'
import { salvageLevel, type SalvageInit, takeSalvaged } from './salvage-level.ts'
import type { SealedStoreInit } from './sealed-store.ts'
import type { StoreDamage } from './store-damage.ts'
import { toStoreError } from './store-errors.ts'

/** Ends what a crash interrupted: the damaged database was moved aside, and the saved one not yet in its place. */
export async function endInterruptedMending(folder: string): Promise<void> {
  const [isThere, isSaved] = await Promise.all(
    [LEVEL_FOLDER, SALVAGED_FOLDER].map((name) => exists(join(folder, name))),
  )
  if (!isThere && isSaved) await takeSalvaged(folder)
}

/** True when rows that do not open were met since the store was last mended. */
export async function asksForMending(folder: string): Promise<boolean> {
  return exists(join(folder, MEND_FILE))
}

/**
 * Mends the files of a store that nobody has open: flipped bits are set right by checksums where that is enough, and
 * else a new database is made of the rows that still open. What was damaged is kept aside as it was.
 *
 * Throws `ERR_STORE_DAMAGED`, with everything left as it was, when that takes more than is allowed.
 *
 * @param options - `isBitsEnough`: false when the files are known to need more than single bits set right
 */
export async function mendStore(
  salvage: SalvageInit,
  { isBitsEnough, mayLoseRows }: { readonly isBitsEnough: boolean; readonly mayLoseRows: boolean },
): Promise<StoreDamage> {
  const { folder, aside, init } = salvage
  const level = join(folder, LEVEL_FOLDER)
  const files = await correctLevelFiles(level, rowTest(init))
  const corrected = files.map(({ name, bits }) => ({ file: name, bits }))
  const right = new Map(files.map(({ name, bytes }) => [name, bytes]))
  if (!isBitsEnough || files.length === 0 || !(await checks(folder, init, right))) {
    if (mayLoseRows) return { aside, corrected, lost: await salvageLevel({ ...salvage, right }) }
    throw new MunimentError(
      'ERR_STORE_DAMAGED',
      'the store on disk is damaged and was not used: bring it back from a backup of its disk',
    )
  }
  const kept = join(aside, `${LEVEL_FOLDER} before correction`)
  await makeFolder(kept)
  for (const { name } of files) await keep(join(level, name), join(kept, name))
  await syncFolder(kept)
  for (const { name, bytes } of files) await replaceFile(join(level, name), bytes)
  await rm(join(folder, MEND_FILE), { force: true })
  return { aside, corrected }
}

function rowTest(init: SealedStoreInit): IsRow {
  const seals = rowSeal(init)
  return (key, sealed) => {
    if (key.length === 1) return true
    try {
      seals.open(key, sealed)
      return true
    } catch {
      return false
    }
  }
}

/** True when the database checks with these files in the place of its own. */
async function checks(
  folder: string,
  init: SealedStoreInit,
  right: ReadonlyMap<string, Uint8Array>,
): Promise<boolean> {
  const level = join(folder, LEVEL_FOLDER)
  const closed = await readClosedMark(join(folder, CLOSED_FILE), init)
  const read = async (name: string): Promise<Uint8Array> => right.get(name) ?? readFile(join(level, name))
  try {
    await checkLevelFiles(level, closed, read)
    return true
  } catch (error) {
    if (isMunimentError(toStoreError(error), 'ERR_STORE_DAMAGED')) return false
    throw error
  }
}

/** A file that is not there leaves nothing to keep. */
async function keep(from: string, to: string): Promise<void> {
  await copyFile(from, to).catch((error: unknown) => {
    if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'ENOENT') throw error
  })
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
