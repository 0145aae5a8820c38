import { access, mkdir, mkdtemp, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isMunimentError, MunimentError } from '@muniment/interface'
import { isJsonObject } from '../control/lines.ts'

/** The format of a folder: a newer one is left untouched. */
export const FOLDER_VERSION = 1

/** Whose folder it is. */
export type FolderKind = 'organisation' | 'person'

/** Where the parts of a folder are. */
export interface FolderPaths {
  /** What the folder is, and its format. */
  readonly marker: string
  /** The root key under a passphrase, or in the clear. */
  readonly passphraseKey: string
  readonly plainKey: string
  /** The keyring, beside the store. */
  readonly keyring: string
  readonly store: string
}

/** The paths of a folder. */
export function folderPaths(folder: string): FolderPaths {
  return {
    marker: join(folder, 'muniment.json'),
    passphraseKey: join(folder, 'key.header'),
    plainKey: join(folder, 'key.file'),
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
    await access(folderPaths(folder).passphraseKey)
    return true
  } catch {
    return false
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
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    temporary = await mkdtemp(join(dirname(target), `.${basename(target)}-`))
  } catch (cause) {
    throw new MunimentError('ERR_STORE_NOT_WRITABLE', `${target} cannot be made`, { cause })
  }
  try {
    await build(temporary)
    await writeSynced(folderPaths(temporary).marker, JSON.stringify({ version: FOLDER_VERSION, kind }))
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

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Syncs a folder, so that the names in it survive power loss. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
