import { randomBytes } from 'node:crypto'
import { access, type FileHandle, link, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MunimentError, type MunimentErrorCode } from '@muniment/interface'
import { OWNER_ONLY, syncFolder } from '../store/durable-files.ts'

const TEMPORARY_NAME_BYTES = 6
/** What file systems without hard links (FAT, exFAT and some network folders) say to one. */
const WITHOUT_LINKS: ReadonlySet<unknown> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/**
 * Writes a new file for its owner only: a temporary file beside it, synced, then named, and the folder synced. A file of
 * that name stays as it is, also one that comes while this is written; whatever fails, no part is left.
 *
 * Throws `ERR_ALREADY_EXISTS`, `ERR_NOT_FOUND` without the folder, `ERR_STORE_FULL`, `ERR_STORE_NOT_WRITABLE`,
 * `ERR_ABORTED`, and what `chunks` throws.
 *
 * @returns how many bytes it has
 */
export async function writeNewFile(
  path: string,
  chunks: () => Promise<AsyncIterable<Uint8Array>>,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<number> {
  const folder = dirname(path)
  const temporary = join(folder, `.muniment-export-${randomBytes(TEMPORARY_NAME_BYTES).toString('hex')}`)
  try {
    await refuseExisting(path)
    const file = await open(temporary, 'wx', OWNER_ONLY)
    try {
      const length = await fill(file, chunks, signal)
      await publish(temporary, path)
      await syncFolder(folder)
      return length
    } finally {
      await rm(temporary, { force: true })
    }
  } catch (error) {
    throw told(error)
  }
}

async function fill(
  file: FileHandle,
  chunks: () => Promise<AsyncIterable<Uint8Array>>,
  signal: AbortSignal | undefined,
): Promise<number> {
  let length = 0
  try {
    refuseAborted(signal)
    for await (const chunk of await chunks()) {
      refuseAborted(signal)
      await file.writeFile(chunk)
      length += chunk.length
    }
    await file.sync()
    refuseAborted(signal)
  } finally {
    await file.close()
  }
  return length
}

/** Names the file without replacing another: `rename` would. */
async function publish(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path)
  } catch (error) {
    if (!WITHOUT_LINKS.has(codeOf(error))) throw error
    const reserved = await open(path, 'wx', OWNER_ONLY)
    await reserved.close()
    try {
      await rename(temporary, path)
    } catch (cause) {
      await rm(path, { force: true })
      throw cause
    }
  }
}

async function refuseExisting(path: string): Promise<void> {
  try {
    await access(path)
  } catch {
    return
  }
  throw new MunimentError('ERR_ALREADY_EXISTS', EXISTS)
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new MunimentError('ERR_ABORTED', 'the export was given up: nothing is left of it', {
      cause: signal.reason,
    })
  }
}

const EXISTS = 'there is a file of that name already: it was kept as it is'
const NO_FOLDER = 'the folder to write to is not there'
const FULL = 'the disk is full: nothing was written; make room and try again'
const NOT_WRITABLE = 'that folder cannot be written to: check its owner and its permissions'

const MEANINGS: Readonly<Record<string, readonly [MunimentErrorCode, string]>> = {
  EEXIST: ['ERR_ALREADY_EXISTS', EXISTS],
  ENOENT: ['ERR_NOT_FOUND', NO_FOLDER],
  ENOTDIR: ['ERR_NOT_FOUND', NO_FOLDER],
  ENOSPC: ['ERR_STORE_FULL', FULL],
  EDQUOT: ['ERR_STORE_FULL', FULL],
  EFBIG: ['ERR_STORE_FULL', FULL],
  EACCES: ['ERR_STORE_NOT_WRITABLE', NOT_WRITABLE],
  EPERM: ['ERR_STORE_NOT_WRITABLE', NOT_WRITABLE],
  EROFS: ['ERR_STORE_NOT_WRITABLE', NOT_WRITABLE],
}

/** What the operating system says, in words for a person; anything else as it is. */
function told(error: unknown): unknown {
  if (error instanceof MunimentError) return error
  const code = codeOf(error)
  const meaning = typeof code === 'string' ? MEANINGS[code] : undefined
  return meaning ? new MunimentError(meaning[0], meaning[1], { cause: error }) : error
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'code') : undefined
}
