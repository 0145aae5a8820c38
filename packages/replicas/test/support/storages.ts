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
