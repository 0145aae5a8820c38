import type { Milliseconds } from '@muniment/interface'
import { type Anchor, unconfirmedSince } from '@muniment/replicas'

/** What one replica gave to a restore. */
export interface PulledReplica {
  readonly location: string
  readonly anchors: readonly Anchor[]
  /** Whether all that it lists was there and could be read. */
  readonly isWhole: boolean
}

/** How sure it is that nothing later is missing (protocol rule 8). */
export interface Confirmation {
  /** When the newest of what was restored was written to a replica, by its writer's clock. */
  readonly asOf?: Milliseconds | undefined
  /** Since when nothing confirms that this is all; absent when two replicas agree. */
  readonly unconfirmedSince?: Milliseconds | undefined
  /** `older`: something that can be reached says that there was more. `alone`: nothing else could be reached to ask. */
  readonly why?: 'alone' | 'older' | undefined
}

/**
 * Compares what was restored with what devices signed of how far they were, wherever it can be reached. An old copy of
 * one replica cannot show by itself that it is one: what no second replica says too is said to be unconfirmed.
 *
 * @param vector - the hash of how far the restored logs are: see `hashOfHeads`
 */
export function confirmationOf(pulled: readonly PulledReplica[], vector: string): Confirmation {
  const restored = pulled.filter(({ isWhole }) => isWhole).flatMap(({ anchors }) => anchors)
  const reachable = pulled.flatMap(({ anchors }) => anchors)
  const asOf = newest(restored.length > 0 ? restored : reachable)
  const later = reachable.filter((anchor) => anchor.vector !== vector)
  const since = unconfirmedSince(restored, later)
  if (since !== undefined) return { asOf, unconfirmedSince: since, why: 'older' }
  const agreeing = pulled.filter(({ anchors }) => anchors.some((anchor) => anchor.vector === vector))
  return agreeing.length > 1 ? { asOf } : { asOf, unconfirmedSince: asOf ?? 0, why: 'alone' }
}

function newest(anchors: readonly Anchor[]): Milliseconds | undefined {
  return anchors.length > 0 ? Math.max(...anchors.map(({ at }) => at)) : undefined
}
