import type { Clock } from '@muniment/interface'
import { FLUSH_DELAY } from './constants.ts'
import type { Tables } from './tables.ts'
import type { Turns } from './turns.ts'

/** Writes the tables some time later, so that edits which follow each other share a commit of them. */
export interface LaterFlush {
  /** Until the flush, the log alone has what was edited, which is enough. */
  flushLater(): void
  /** No flush starts any more. */
  stop(): void
}

/** The later flush of a vault's tables. */
export function laterFlush(clock: Clock, tables: Tables, inTurn: Turns): LaterFlush {
  const stopping = new AbortController()
  let isWaiting = false
  return {
    flushLater() {
      if (isWaiting || stopping.signal.aborted) return
      isWaiting = true
      clock
        .wait(FLUSH_DELAY, stopping)
        .then(() => inTurn(() => tables.flush()))
        .catch(() => undefined) // Closing flushes too; after a failure the rows are kept for the next flush.
        .finally(() => {
          isWaiting = false
        })
    },
    stop: () => stopping.abort(),
  }
}
