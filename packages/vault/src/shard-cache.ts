import { OPEN_SHARDS } from './constants.ts'
import { lru } from './lru.ts'
import type { Shard } from './shard.ts'

/** Open shards: the ones used last, and those that a caller still holds. There is never a second copy of one. */
export interface ShardCache {
  open(id: string): Promise<Shard>
  clear(): void
}

/** Opens each shard once, by `load`. */
export function shardCache(load: (id: string) => Promise<Shard>): ShardCache {
  const recent = lru<Shard>(OPEN_SHARDS)
  // A shard that is dropped from the recent ones while a caller holds it must not be opened a second time.
  const alive = new Map<string, WeakRef<Shard>>()
  const opening = new Map<string, Promise<Shard>>()

  async function loaded(id: string): Promise<Shard> {
    try {
      const shard = await load(id)
      alive.set(id, new WeakRef(shard))
      recent.set(id, shard)
      for (const [name, reference] of alive) if (!reference.deref()) alive.delete(name)
      return shard
    } finally {
      opening.delete(id)
    }
  }

  return {
    async open(id) {
      const known = recent.get(id) ?? alive.get(id)?.deref()
      if (known) {
        recent.set(id, known)
        return known
      }
      const promise = opening.get(id) ?? loaded(id)
      opening.set(id, promise)
      return promise
    },
    clear() {
      recent.clear()
      alive.clear()
    },
  }
}
