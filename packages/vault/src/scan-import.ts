import { type KeyId, MunimentError } from '@muniment/interface'
import type { LogEntry } from '@muniment/log'
import type { VaultCore } from './core.ts'
import { shardOf } from './intake.ts'
import { parseSegment } from './segment.ts'

/** What the log holds of an import. */
export interface FoundImport {
  readonly segments: readonly string[]
  /** The data keys of its segments, and of the edits of their records. */
  readonly keys: readonly KeyId[]
}

/**
 * Looks through all entries for those of an import: the catalogue knows no more of one that was taken back, and a shard's
 * edits may be sealed by several devices.
 *
 * @param known - ids of its segments that are known already
 */
export async function scanImport(
  core: VaultCore,
  importId: string,
  known: Iterable<string> = [],
): Promise<FoundImport> {
  const segments = new Set(known)
  const keys = new Set<KeyId>()
  const shards = new Map<string, Set<KeyId>>()
  for await (const { key, id, importId: of } of placesIn(core)) {
    if (of === importId) {
      segments.add(id)
      keys.add(key)
    } else if (of === undefined) shards.set(id, (shards.get(id) ?? new Set()).add(key))
  }
  for (const id of segments) for (const key of shards.get(id) ?? []) keys.add(key)
  return { segments: [...segments], keys: [...keys] }
}

/** What an entry is about: a segment of an import, or the shard of that id. */
interface Place {
  readonly id: string
  readonly importId?: string
}

async function* placesIn({ log }: VaultCore): AsyncGenerator<Place & { readonly key: KeyId }> {
  for (const device of Object.keys(log.seen())) {
    for await (const entry of log.entries(device)) {
      const place = entry.body && placeOf(entry, entry.body)
      if (place && entry.key !== undefined) yield { ...place, key: entry.key }
    }
  }
}

function placeOf({ kind }: LogEntry, body: Uint8Array): Place | undefined {
  try {
    if (kind === 'shard') return { id: shardOf(body) }
    if (kind !== 'segment') return undefined
    const { id, origin } = parseSegment(body)
    return { id, importId: origin.importId }
  } catch (error) {
    if (error instanceof MunimentError) return undefined
    throw error
  }
}
