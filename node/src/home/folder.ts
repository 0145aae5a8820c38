import { access, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isMunimentError, MunimentError } from '@muniment/interface'
import { utf8 } from '@muniment/crypto'
import { isJsonObject } from '../control/lines.ts'
import type { Unlocking } from '../store/key-header.ts'
import { makeFolder as makeDurableFolder, syncFolder, writeSynced } from '../store/durable-files.ts'

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
    keyring: join(folder, 'keyring'),
    store: join(folder, 'store'),
  }
}

/** Whose folder it is, or `undefined` when there is none. Throws `ERR_STORE_NEWER` for a format of the future. */
export async function folderKind(folder: string): Promise<FolderKind | undefined> {
  let text: string
  try {
    text = await readFile(folderPaths(folder).marker, 'utf8')
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

function parseMarker(text: string): { version: number; kind: FolderKind } {
  try {
    const marker: unknown = JSON.parse(text)
    if (isJsonObject(marker)) {
      const { version, kind } = marker
      if (typeof version === 'number' && (kind === 'person' || kind === 'organisation'))
        return { version, kind }
    }
  } catch (cause) {
    throw new MunimentError('ERR_STORE_DAMAGED', 'the file muniment.json of this folder is damaged', {
      cause,
    })
  }
  throw new MunimentError('ERR_STORE_DAMAGED', 'the file muniment.json of this folder is damaged')
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
    await writeSynced(folderPaths(temporary).marker, utf8(JSON.stringify({ version: FOLDER_VERSION, kind })))
    await syncFolder(temporary)
    await rename(temporary, target)
    await syncFolder(dirname(target))
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true })
    if (isMunimentError(cause)) throw cause
    throw new MunimentError('ERR_STORE_NOT_WRITABLE', `${target} cannot be made`, { cause })
  }
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
