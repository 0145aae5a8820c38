import type { Catalogue } from './catalogue.ts'
import type { IntakeEvents } from './intake.ts'
import { recordId } from './record-id.ts'
import { SETTINGS_SHARD } from './settings-shard.ts'
import type { Slot } from './slot.ts'
import type { VaultEvent } from './vault.ts'

/** Who listens to a vault, and the news for them. */
export interface News extends IntakeEvents {
  observe(listener: (event: VaultEvent) => void): () => void
  close(): void
}

/** The news of a vault. */
export function openNews(catalogue: () => Catalogue): News {
  const listeners = new Set<(event: VaultEvent) => void>()
  const emit = (event: VaultEvent): void => {
    for (const listener of listeners) listener(event)
  }
  return {
    observe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    importChanged(collections) {
      for (const collection of collections) emit({ collection })
    },
    slots(shard, slots) {
      for (const event of eventsOf(catalogue(), shard, slots)) emit(event)
    },
    close: () => listeners.clear(),
  }
}

function eventsOf(catalogue: Catalogue, shard: string, slots: readonly Slot[]): readonly VaultEvent[] {
  if (shard === SETTINGS_SHARD) return [{ settings: slots.map(({ property }) => property.slice(1)) }]
  const ids = [...new Set(slots.map(({ index }) => recordId(shard, index)))]
  const segment = catalogue.segments.get(shard)
  if (segment) return catalogue.isInSight(segment) ? [{ collection: segment.collection, ids }] : []
  return Object.keys(catalogue.shards.get(shard)?.typed ?? {}).map((collection) => ({ collection, ids }))
}
