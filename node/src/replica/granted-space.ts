import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MunimentError, type ReplicaObject } from '@muniment/interface'
import { openFolderReplica } from './folder-replica.ts'
import { inTurn } from './in-turn.ts'
import { PAGE } from './replica-protocol.ts'

/** The objects of one grant on a host's disk, which are never more bytes than it allows. */
export interface GrantedSpace {
  /** Bytes of the objects that lie there. */
  readonly used: number
  /** A page of the objects whose names begin with `prefix` and come after `after`, in the order of their names. */
  page(
    prefix: string,
    after: string,
  ): Promise<{ readonly objects: readonly ReplicaObject[]; readonly isMore: boolean }>
  get(name: string): Promise<Uint8Array | undefined>
  /** Keeps room for an object, receives it, and keeps it. Throws `ERR_REPLICA_FULL` before anything is received. */
  put(object: ReplicaObject, receive: () => Promise<Uint8Array>): Promise<void>
  delete(name: string): Promise<void>
}

/** Opens the objects in a folder; what uploads that were cut off left there is removed. The disk says what is used. */
export async function openGrantedSpace(folder: string, quota: number): Promise<GrantedSpace> {
  const storage = await openFolderReplica({ folder })
  const turn = inTurn()
  await removeTemporary(folder)
  let used = 0
  let awaited = 0
  for await (const { size } of storage.list('')) used += size

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
    get: (name) => storage.get(name),
    async put({ name, size }, receive) {
      refuseOver(awaited + size - (await sizeOf(name)))
      awaited += size
      try {
        const bytes = await receive()
        await turn(async () => {
          const before = await sizeOf(name)
          refuseOver(size - before)
          await storage.put(name, bytes)
          used += size - before
        })
      } finally {
        awaited -= size
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
