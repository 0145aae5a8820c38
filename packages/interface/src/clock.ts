import type { Milliseconds } from './identifiers.ts'

/** Time, as given from outside: the wall clock and waiting. A test hands in one that it moves itself. */
export interface Clock {
  /** The wall time now. */
  now(): Milliseconds
  /** Resolves after `duration` milliseconds; rejects with `ERR_ABORTED` as soon as `signal` aborts. */
  wait(duration: Milliseconds, options?: { readonly signal?: AbortSignal }): Promise<void>
}
