import { readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { utf8 } from '@muniment/crypto'
import { MunimentError } from '@muniment/interface'
import { FORMAT_FILE, STORE_FORMAT } from './constants.ts'
import { makeFolder, syncFolder, writeSynced } from './durable-files.ts'
import { mendByTrial, type Mended } from './guarded-bytes.ts'
import { crc32c } from './level-files/crc32c.ts'
import { toStoreError } from './store-errors.ts'

const FORMAT_LINE = /^(muniment-store (\d{1,9})) ([0-9a-f]{8})\n$/

/** The line that names a version, with its checksum: a flipped bit makes no other version of it. */
export function formatLine(version: number): string {
  const text = `muniment-store ${version}`
  return `${text} ${crc32c(utf8(text)).toString(16).padStart(8, '0')}\n`
}

/** The version that a line names, when its checksum says so. */
function versionIn(line: string): number | undefined {
  const version = Number(FORMAT_LINE.exec(line)?.[2])
  return formatLine(version) === line ? version : undefined
}

/** Sets a flipped bit of the line right; what was there is kept aside. */
export async function mendFormatFile(folder: string, aside: string): Promise<Mended> {
  return mendByTrial(
    join(folder, FORMAT_FILE),
    aside,
    (bytes) => versionIn(Buffer.from(bytes).toString('latin1')) !== undefined,
  )
}

/**
 * True when the folder holds a store of the version that this program knows, false when there is no store yet.
 * Throws `ERR_STORE_NEWER` (nothing is touched), `ERR_STORE_DAMAGED`, `ERR_ALREADY_EXISTS` for a folder with other
 * things in it, `ERR_STORE_NOT_WRITABLE` for one that may not be read.
 */
export async function holdsStore(folder: string): Promise<boolean> {
  const names = await listing(folder)
  if (names.length === 0) return false
  if (!names.includes(FORMAT_FILE)) {
    throw new MunimentError('ERR_ALREADY_EXISTS', 'this folder holds other files and no store')
  }
  const line = await readFile(join(folder, FORMAT_FILE), 'latin1').catch((error: unknown) => {
    throw toStoreError(error)
  })
  const version = versionIn(line)
  if (version !== undefined && version > STORE_FORMAT) {
    throw new MunimentError(
      'ERR_STORE_NEWER',
      'this store was written by a newer version of Muniment: use that version; nothing was changed',
    )
  }
  if (version !== STORE_FORMAT) {
    throw new MunimentError('ERR_STORE_DAMAGED', 'the file that names the version of this store is damaged')
  }
  return true
}

/**
 * Makes a store's folder so that it is there whole or not at all: it is filled under a temporary name beside its place,
 * synced and renamed. `fill` writes and syncs what belongs in it.
 */
export async function createStoreFolder(
  folder: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  const place = resolve(folder)
  const temporary = `${place}.new`
  await makeFolder(dirname(place))
  // What an earlier attempt left was never acknowledged to anyone.
  await rm(temporary, { recursive: true, force: true })
  await makeFolder(temporary)
  try {
    await fill(temporary)
    await writeSynced(join(temporary, FORMAT_FILE), utf8(formatLine(STORE_FORMAT)))
    await syncFolder(temporary)
    await rename(temporary, place)
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined)
    throw error
  }
  await syncFolder(dirname(place))
}

async function listing(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
    if (code === 'ENOENT') return []
    throw toStoreError(error)
  }
}
