import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

/** Only the owner reads and writes. */
export const OWNER_ONLY = 0o600
/** Only the owner looks into the folder. */
const OWNER_ONLY_FOLDER = 0o700
const TEMPORARY_NAME_BYTES = 6

/** Makes the names in a folder durable: without it, a new file may be gone after power loss though it was synced. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows has no such call; NTFS journals its folders.
  if (process.platform === 'win32') return
  const opened = await open(folder, 'r')
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}

/** Makes a folder and what is missing above it, durably. */
export async function makeFolder(folder: string): Promise<void> {
  const wanted = resolve(folder)
  const first = await mkdir(wanted, { recursive: true, mode: OWNER_ONLY_FOLDER })
  if (first === undefined) return
  for (let at = wanted; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at))
}

/** Writes a new file, whole or as its parts come, and syncs it; the folder is not synced. */
export async function writeSynced(
  path: string,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  const file = await open(path, 'wx', OWNER_ONLY)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Replaces a file whole: a temporary file beside it, synced, renamed over it, and the folder synced. Power loss leaves
 * the old bytes or the new ones.
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(
    dirname(path),
    `.${basename(path)}.${randomBytes(TEMPORARY_NAME_BYTES).toString('hex')}`,
  )
  try {
    await writeSynced(temporary, bytes)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}
