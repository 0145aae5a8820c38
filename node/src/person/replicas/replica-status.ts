import type { Milliseconds } from '@muniment/interface'
import type { ReplicaPlace } from './replica-place.ts'
import type { ReplicaFailure } from './replica-rows.ts'

/** How a replica stands, seen from this device. */
export interface ReplicaStatus {
  readonly id: string
  readonly name: string
  /** `unknown` for a kind of place that this version does not know. */
  readonly kind: ReplicaPlace['kind'] | 'unknown'
  /** Where it is on this device; no credentials. */
  readonly location: string
  /** When all that was here was last there, written and read back; absent before the first time. */
  readonly confirmedAt?: Milliseconds | undefined
  /** Log entries that are here and not known to be there. */
  readonly waiting: number
  /** Whether something is being written there now. */
  readonly isPushing: boolean
  /** True when the place lets nothing be removed: what was erased lies there, sealed with keys that are gone. */
  readonly keepsErased?: boolean | undefined
  /** Why the last push failed, and since when; absent when it did not. */
  readonly problem?: ReplicaFailure | undefined
}
