import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { MunimentError, type Random } from '@muniment/interface'
import { syncFolder, writeSynced } from './durable-files.ts'
import { toStoreError } from './store-errors.ts'

/** Bytes of a key file. */
const KEY_FILE_LENGTH = 32
const OTHERS = 0o077

/** What a person is told when choosing a key file instead of a passphrase. */
export const KEY_FILE_WARNING =
  'Whoever has this file opens the vault: no passphrase protects it. Keep it away from the vault and from backups of it.'

/** Writes a fresh key file that only its owner reads (mode 0600). Throws `ERR_ALREADY_EXISTS`. */
export async function createKeyFile(path: string, random: Random): Promise<Uint8Array> {
  const key = random(KEY_FILE_LENGTH)
  try {
    await writeSynced(path, key)
    await syncFolder(dirname(path))
  } catch (error) {
    if (hasCode(error, 'EEXIST'))
      throw new MunimentError('ERR_ALREADY_EXISTS', 'there is a file of this name already')
    throw toStoreError(error)
  }
  return key
}

/**
 * Reads a key file. Throws `ERR_NOT_FOUND`, `ERR_MALFORMED` for a file of another length, and `ERR_INVALID_ARGUMENT`
 * for one that others than its owner may read or write.
 */
export async function readKeyFile(path: string): Promise<Uint8Array> {
  try {
    const { mode } = await stat(path)
    if (process.platform !== 'win32' && mode & OTHERS) {
      throw new MunimentError('ERR_INVALID_ARGUMENT', 'others may read this key file: run chmod 600 on it')
    }
    const key = new Uint8Array(await readFile(path))
    if (key.length !== KEY_FILE_LENGTH) throw new MunimentError('ERR_MALFORMED', 'this is not a key file')
    return key
  } catch (error) {
    if (hasCode(error, 'ENOENT'))
      throw new MunimentError('ERR_NOT_FOUND', 'there is no key file of this name')
    throw toStoreError(error)
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === code
}
