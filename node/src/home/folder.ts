import { access, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isMunimentError, MunimentError } from '@muniment/interface'
import { utf8 } from '@muniment/crypto'
import { isJsonObject } from '../control/lines.ts'
import type { Unlocking } from '../store/key-header.ts'
import { correctedByTrial } from '../store/guarded-bytes.ts'
import { crc32c } from '../store/level-files/crc32c.ts'
import {
  makeFolder as makeDurableFolder,
  replaceFile,
  syncFolder,
  writeSynced,
} from '../store/durable-files.ts'

/** The format of a folder: a newer one is left untouched. */
export const FOLDER_VERSION = 1

/** Whose folder it is. */
export type FolderKind = 'organisation' | 'person'

/** Where the parts of a folder are. */
export interface FolderPaths {
  /** What the folder is, and its format. */
  readonly marker: string
  /** The root key, wrapped under a passphrase or under the key file beside it. */
  readonly header: string
  readonly keyFile: string
  /** What a device knows of itself, once more, should the store lose it. */
  readonly device: string
  /** The keyring, beside the store. */
  readonly keyring: string
  readonly store: string
}

/** The paths of a folder. */
export function folderPaths(folder: string): FolderPaths {
  return {
    marker: join(folder, 'muniment.json'),
    header: join(folder, 'key.header'),
    keyFile: join(folder, 'key.file'),
    device: join(folder, 'device'),
    keyring: join(folder, 'keyring'),
    store: join(folder, 'store'),
  }
}

/** Whose folder it is, or `undefined` when there is none. Throws `ERR_STORE_NEWER` for a format of the future. */
export async function folderKind(folder: string): Promise<FolderKind | undefined> {
  let text: string
  try {
    text = await readFile(folderPaths(folder).marker, 'latin1')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw new MunimentError('ERR_STORE_NOT_WRITABLE', `${folder} cannot be read`, { cause: error })
  }
  const marker = parseMarker(text)
  if (marker.version > FOLDER_VERSION) {
    throw new MunimentError(
      'ERR_STORE_NEWER',
      `${folder} was made by a newer Muniment; it was left untouched`,
    )
  }
  return marker.kind
}

interface Marker {
  readonly version: number
  readonly kind: FolderKind
}

/** The text of a marker, with a checksum: a flipped bit makes no other version of it. */
function markerText({ version, kind }: Marker): string {
  const check = crc32c(utf8(`${version} ${kind}`))
    .toString(16)
    .padStart(8, '0')
  return JSON.stringify({ version, kind, check })
}

/** The marker that was written; a single flipped bit is overlooked. */
function parseMarker(text: string): Marker {
  const read = readMarker(text)
  if (read && markerText(read) === text) return read
  const whole = correctedByTrial(new Uint8Array(Buffer.from(text, 'latin1')), isMarker)
  const corrected = whole && readMarker(Buffer.from(whole).toString('latin1'))
  const marker = corrected ?? read
  if (marker) return marker
  throw new MunimentError('ERR_STORE_DAMAGED', 'the file muniment.json of this folder is damaged')
}

function readMarker(text: string): Marker | undefined {
  try {
    const marker: unknown = JSON.parse(text)
    if (!isJsonObject(marker)) return undefined
    const { version, kind } = marker
    const isMeant = typeof version === 'number' && (kind === 'person' || kind === 'organisation')
    return isMeant ? { version, kind } : undefined
  } catch {
    return undefined
  }
}

/** True for the bytes of a marker as it is written. */
export function isMarker(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('latin1')
  const read = readMarker(text)
  return read !== undefined && markerText(read) === text
}

/** True when the folder's root key is under a passphrase. */
export async function usesPassphrase(folder: string): Promise<boolean> {
  try {
    await access(folderPaths(folder).keyFile)
    return false
  } catch {
    return true
  }
}

/**
 * Makes a folder whole or not at all: `build` fills a temporary folder beside it, which then takes its name. Throws
 * `ERR_ALREADY_EXISTS` when there is something there, `ERR_STORE_NOT_WRITABLE` when it cannot be made.
 */
export async function makeFolder(
  folder: string,
  kind: FolderKind,
  build: (temporary: string) => Promise<void>,
): Promise<void> {
  const target = resolve(folder)
  await refuseExisting(target)
  let temporary: string
  try {
    await makeDurableFolder(dirname(target))
    temporary = await mkdtemp(join(dirname(target), `.${basename(target)}-`))
  } catch (cause) {
    throw new MunimentError('ERR_STORE_NOT_WRITABLE', `${target} cannot be made`, { cause })
  }
  try {
    await build(temporary)
    await writeSynced(folderPaths(temporary).marker, utf8(markerText({ version: FOLDER_VERSION, kind })))
    await syncFolder(temporary)
    await rename(temporary, target)
    await syncFolder(dirname(target))
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true })
    if (isMunimentError(cause)) throw cause
    throw new MunimentError('ERR_STORE_NOT_WRITABLE', `${target} cannot be made`, { cause })
  }
}

/**
 * As {@link makeFolder}, for what takes long: `build` makes the folder, and what it has made when it fails or the process ends is there again
 * when it is called for the same folder next, beside it under a name of its own. Nobody takes it for the folder: it has
 * no marker, and gets its name only when it is whole.
 */
export async function makeFolderInSteps(
  folder: string,
  kind: FolderKind,
  build: (temporary: string) => Promise<void>,
): Promise<void> {
  const target = resolve(folder)
  await refuseExisting(target)
  const temporary = unfinishedFolder(target)
  try {
    await makeDurableFolder(dirname(temporary))
    await build(temporary)
    const marker = utf8(markerText({ version: FOLDER_VERSION, kind }))
    await replaceFile(folderPaths(temporary).marker, marker)
    await rename(temporary, target)
    await syncFolder(dirname(target))
  } catch (cause) {
    if (isMunimentError(cause)) throw cause
    throw new MunimentError('ERR_STORE_NOT_WRITABLE', `${target} cannot be made`, { cause })
  }
}

/** Where a folder is made that is not whole yet. */
export function unfinishedFolder(folder: string): string {
  const target = resolve(folder)
  return join(dirname(target), `.${basename(target)}.unfinished`)
}

async function refuseExisting(target: string): Promise<void> {
  try {
    const content = await readdir(target)
    if (content.length === 0) return
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return
    throw new MunimentError('ERR_STORE_NOT_WRITABLE', `${target} is not a folder that can be used`, {
      cause: error,
    })
  }
  throw new MunimentError('ERR_ALREADY_EXISTS', `${target} is not empty, and nothing in it was changed`)
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

/** What opens the folder: the passphrase, or without one the key file in it. */
export function unlockingOf(folder: string, passphrase: string | undefined): Unlocking {
  return passphrase === undefined ? { keyFile: folderPaths(folder).keyFile } : { passphrase }
}
