import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { open, seal, utf8 } from '@muniment/crypto'
import { type KeyringFile, MunimentError } from '@muniment/interface'
import { makeFolder, replaceFile } from './durable-files.ts'
import { guarded, unguarded } from './guarded-bytes.ts'
import type { SealedStoreInit } from './sealed-store.ts'
import { toStoreError } from './store-errors.ts'

/** A keyring in one sealed file: see {@link sealedFile}. */
export function fileKeyring(path: string, init: SealedStoreInit): KeyringFile {
  return sealedFile(path, init, { domain: 'muniment/keyring-file/1', what: 'the file of the keyring' })
}

/**
 * One small object in a sealed file, replaced atomically. `read` throws `ERR_STORE_DAMAGED` for a file that does not open;
 * `replace` throws `ERR_STORE_FULL` and `ERR_STORE_NOT_WRITABLE`, and the old object is still there.
 */
export function sealedFile(
  path: string,
  init: SealedStoreInit,
  { domain, what }: { readonly domain: string; readonly what: string },
): KeyringFile {
  const bound = utf8(domain)
  let last: Promise<void> = Promise.resolve()
  return {
    async read() {
      await last.catch(() => undefined)
      const sealed = await readFile(path).catch((error: unknown) => {
        if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return undefined
        throw toStoreError(error)
      })
      if (!sealed) return undefined
      try {
        const bytes = unguarded(new Uint8Array(sealed), what)
        return open(init.cryptography, init.key, bytes, bound)
      } catch (cause) {
        throw new MunimentError('ERR_STORE_DAMAGED', `${what} is damaged`, { cause })
      }
    },
    replace(bytes) {
      const sealed = seal(init, init.key, bytes, bound)
      last = last
        .catch(() => undefined)
        .then(() => makeFolder(dirname(path)))
        .then(() => replaceFile(path, guarded(sealed)))
        .catch((error: unknown) => {
          throw toStoreError(error)
        })
      return last
    },
  }
}
