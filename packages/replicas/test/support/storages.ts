import { MunimentError, type ReplicaStorage } from '@muniment/interface'

/** A place in memory that does what it should, with all that it holds in the open. */
export interface UnsafeTestingStorage extends ReplicaStorage {
  readonly objects: Map<string, Uint8Array>
}

export function unsafeTestingStorage(objects: Map<string, Uint8Array> = new Map()): UnsafeTestingStorage {
  return {
    objects,
    async *list(prefix) {
      for (const [name, { length }] of objects) if (name.startsWith(prefix)) yield { name, size: length }
    },
    get: async (name) => objects.get(name)?.slice(),
    async put(name, bytes, options) {
      if (options?.signal?.aborted === true) throw new MunimentError('ERR_ABORTED', 'given up')
      objects.set(name, bytes.slice())
    },
    async delete(name) {
      objects.delete(name)
    },
    close: async () => undefined,
  }
}

/** What a storage was asked to do, with how often it was. */
export interface CountedStorage extends ReplicaStorage {
  readonly puts: string[]
  readonly gets: string[]
  /** Gets under way at the same time, at the most. */
  readonly mostGets: number
}

/** Counts the calls to a storage; after `putsUntilCut` uploads the line is cut. */
export function countedStorage(
  storage: ReplicaStorage,
  { putsUntilCut = Number.POSITIVE_INFINITY }: { readonly putsUntilCut?: number } = {},
): CountedStorage {
  const [puts, gets]: [string[], string[]] = [[], []]
  let [now, most] = [0, 0]
  return {
    ...storage,
    puts,
    gets,
    get mostGets() {
      return most
    },
    async get(name, options) {
      gets.push(name)
      most = Math.max(most, ++now)
      try {
        return await storage.get(name, options)
      } finally {
        now--
      }
    },
    async put(name, bytes, options) {
      if (puts.length >= putsUntilCut) throw new MunimentError('ERR_REPLICA_UNREACHABLE', 'the line is cut')
      puts.push(name)
      await storage.put(name, bytes, options)
    },
  }
}
