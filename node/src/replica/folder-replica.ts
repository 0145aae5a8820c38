import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  MAX_REPLICA_OBJECT,
  MunimentError,
  type ReplicaCallOptions,
  type ReplicaObject,
  type ReplicaStorage,
} from '@muniment/interface'
import { makeFolder, replaceFile } from '../store/index.ts'
import { codeOf, translated } from './file-errors.ts'
import { checkName, checkPrefix, checkSize, isObjectName, refuseAborted } from './object-checks.ts'

/** Digits of a name that choose its folder: 256 folders, so that none gets too long to be synced or shown. */
const FOLDER_DIGITS = 2

/**
 * A replica in a folder, such as one that Dropbox, Drive or OneDrive syncs. An object is the file `ab/abcd…`: written
 * beside it, synced, renamed. Names are lower-case digits only, so that no file system that ignores case mixes two up.
 * Files with other names are passed over: temporary ones, and the conflict copies that syncing makes. A conflict copy
 * is another whole copy of the same content, and a file that has not arrived whole shows by its size.
 */
export async function openFolderReplica({ folder }: { readonly folder: string }): Promise<ReplicaStorage> {
  await translated(() => makeFolder(folder))
  const pathOf = (name: string): string => join(folder, name.slice(0, FOLDER_DIGITS), name)
  return {
    list: (prefix, options) => listFolder(folder, prefix, options),
    async get(name, options) {
      checkName(name)
      refuseAborted(options)
      return translated(() => readObject(pathOf(name)))
    },
    async put(name, bytes, options) {
      checkName(name)
      checkSize(bytes)
      refuseAborted(options)
      const kept = bytes.slice()
      await translated(async () => {
        await makeFolder(join(folder, name.slice(0, FOLDER_DIGITS)))
        await replaceFile(pathOf(name), kept)
      })
    },
    async delete(name, options) {
      checkName(name)
      refuseAborted(options)
      await translated(() => rm(pathOf(name), { force: true }))
    },
    close: async () => undefined,
  }
}

async function* listFolder(
  folder: string,
  prefix: string,
  options?: ReplicaCallOptions,
): AsyncGenerator<ReplicaObject> {
  checkPrefix(prefix)
  for (const part of await translated(() => namesIn(folder))) {
    const isPart = /^[0-9a-f]{2}$/.test(part) && (part.startsWith(prefix) || prefix.startsWith(part))
    if (!isPart) continue
    for (const name of await translated(() => namesIn(join(folder, part)))) {
      refuseAborted(options)
      if (!isObjectName(name) || !name.startsWith(part) || !name.startsWith(prefix)) continue
      const size = await translated(() => sizeOf(join(folder, part, name)))
      if (size !== undefined) yield { name, size }
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR' || codeOf(error) === 'ENOENT') return []
    throw error
  }
}

/** The size of a file; nothing for what was removed since it was listed, or is no file. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path)
    return found.isFile() ? found.size : undefined
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function readObject(path: string): Promise<Uint8Array | undefined> {
  if ((await sizeOf(path)) === undefined) return undefined
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (size > MAX_REPLICA_OBJECT) {
      throw new MunimentError(
        'ERR_REPLICA_DAMAGED',
        'an object of the replica is larger than any that was written',
      )
    }
    const read = await file.readFile()
    return new Uint8Array(read.buffer, read.byteOffset, read.byteLength)
  } finally {
    await file.close()
  }
}
