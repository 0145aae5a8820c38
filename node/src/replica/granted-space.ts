import { randomBytes } from 'node:crypto'
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MunimentError, type ReplicaObject } from '@muniment/interface'
import { makeFolder, syncFolder, writeSynced } from '../store/durable-files.ts'
import { codeOf, translated } from './file-errors.ts'
import { openFolderReplica } from './folder-replica.ts'
import { inTurn } from './in-turn.ts'
import { CHUNK, PAGE } from './replica-protocol.ts'

/** As in a folder replica. */
const FOLDER_DIGITS = 2
const TEMPORARY_NAME_BYTES = 6

/** The objects of one grant on a host's disk, which are never more bytes than it allows. */
export interface GrantedSpace {
  /** Bytes of the objects that lie there. */
  readonly used: number
  /** A page of the objects whose names begin with `prefix` and come after `after`, in the order of their names. */
  page(
    prefix: string,
    after: string,
  ): Promise<{ readonly objects: readonly ReplicaObject[]; readonly isMore: boolean }>
  /** Reads an object part by part, so that little of it is in memory however slowly it is taken. */
  get<T>(name: string, use: (object: GrantedObject | undefined) => Promise<T>): Promise<T>
  /** Keeps room for an object and keeps it, part by part. Throws `ERR_REPLICA_FULL` before anything is received. */
  put(object: ReplicaObject, receive: () => AsyncIterable<Uint8Array>): Promise<void>
  delete(name: string): Promise<void>
}

/** An object on a host's disk. */
export interface GrantedObject {
  readonly size: number
  /** Its bytes, {@link CHUNK} at a time. */
  chunks(): AsyncIterable<Uint8Array>
}

/** Opens the objects in a folder; what uploads that were cut off left there is removed. The disk says what is used. */
export async function openGrantedSpace(folder: string, quota: number): Promise<GrantedSpace> {
  const storage = await openFolderReplica({ folder })
  const turn = inTurn()
  await removeTemporary(folder)
  let used = 0
  let awaited = 0
  for await (const { size } of storage.list('')) used += size

  const pathOf = (name: string): string => join(folder, name.slice(0, FOLDER_DIGITS), name)
  const sizeOf = async (name: string): Promise<number> => {
    for await (const { size } of storage.list(name)) return size
    return 0
  }
  const refuseOver = (bytes: number): void => {
    if (used + bytes > quota) throw new MunimentError('ERR_REPLICA_FULL', 'this grant has no room for more')
  }
  return {
    get used() {
      return used
    },
    page: (prefix, after) => pageOf((part) => storage.list(part), { prefix, after }),
    get: (name, use) => readObject(pathOf(name), use),
    async put({ name, size }, receive) {
      refuseOver(awaited + size - (await sizeOf(name)))
      awaited += size
      const path = pathOf(name)
      const temporary = join(dirname(path), `.${name}.${randomBytes(TEMPORARY_NAME_BYTES).toString('hex')}`)
      try {
        await translated(async () => {
          await makeFolder(dirname(path))
          await writeSynced(temporary, receive())
        })
        await turn(() =>
          translated(async () => {
            const before = await sizeOf(name)
            refuseOver(size - before)
            await rename(temporary, path)
            used += size - before
            await syncFolder(dirname(path))
          }),
        )
      } finally {
        awaited -= size
        await rm(temporary, { force: true })
      }
    },
    delete: (name) =>
      turn(async () => {
        const before = await sizeOf(name)
        await storage.delete(name)
        used -= before
      }),
  }
}

async function readObject<T>(
  path: string,
  use: (object: GrantedObject | undefined) => Promise<T>,
): Promise<T> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return use(undefined)
    throw error
  }
  try {
    const { size } = await file.stat()
    return await use({ size, chunks: () => partsOf(file, size) })
  } finally {
    await file.close()
  }
}

async function* partsOf(file: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; at += CHUNK) {
    const length = Math.min(CHUNK, size - at)
    const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, at)
    if (bytesRead < length) throw new MunimentError('ERR_REPLICA_DAMAGED', 'an object of this host was cut')
    yield buffer
  }
}

async function removeTemporary(folder: string): Promise<void> {
  for (const part of await readdir(folder, { withFileTypes: true })) {
    if (!part.isDirectory()) continue
    const names = await readdir(join(folder, part.name))
    for (const name of names.filter((each) => each.startsWith('.'))) await rm(join(folder, part.name, name))
  }
}

interface PageInit {
  readonly prefix: string
  readonly after: string
}

/** Reads the 256 folders one after the other, so that few names are in memory however many there are. */
async function pageOf(
  list: (prefix: string) => AsyncIterable<ReplicaObject>,
  { prefix, after }: PageInit,
): Promise<{ readonly objects: readonly ReplicaObject[]; readonly isMore: boolean }> {
  const objects: ReplicaObject[] = []
  for (let part = Number.parseInt(after.slice(0, 2).padEnd(2, '0'), 16); part < 256; part++) {
    const digits = part.toString(16).padStart(2, '0')
    if (!digits.startsWith(prefix.slice(0, 2))) continue
    const later: ReplicaObject[] = []
    for await (const object of list(prefix.length > 2 ? prefix : digits)) {
      if (object.name > after) later.push(object)
    }
    objects.push(...later.toSorted((left, right) => (left.name < right.name ? -1 : 1)))
    if (objects.length > PAGE) return { objects: objects.slice(0, PAGE), isMore: true }
  }
  return { objects, isMore: false }
}
