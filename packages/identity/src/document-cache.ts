import type { Clock } from '@muniment/interface'
import type { DIDCache, DIDResolutionResult } from 'did-resolver'
import { MAX_CACHED_AGE, MAX_CACHED_DOCUMENTS } from './constants.ts'

/**
 * A cache of resolved documents with a bounded number and age: the one asked for longest ago goes first. What could not
 * be resolved is not kept, so that a server that comes back is seen at once.
 */
export function documentCache(clock: Clock): DIDCache {
  const kept = new Map<string, { readonly result: DIDResolutionResult; readonly at: number }>()
  return async ({ did }, resolve) => {
    const found = kept.get(did)
    kept.delete(did)
    // A clock that was set back makes an age negative: such an entry counts as old.
    const age = found ? clock.now() - found.at : 0
    if (found && age >= 0 && age < MAX_CACHED_AGE) {
      kept.set(did, found)
      return found.result
    }
    const result = await resolve()
    if (result.didDocument) kept.set(did, { result, at: clock.now() })
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_CACHED_DOCUMENTS) break
      kept.delete(oldest)
    }
    return result
  }
}
