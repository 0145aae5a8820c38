import { isMunimentError } from '@muniment/interface'
import type { Log, LogEvent } from './log.ts'
import type { ForkProof } from './rows.ts'

/** Who listens to a log, and telling them. */
export interface News extends Pick<Log, 'onAppend' | 'onFork'> {
  /** Resolves once every listener has taken the news in. */
  announce(event: LogEvent): Promise<void>
  announceFork(proof: ForkProof): void
}

/** News with no listeners yet. */
export function newsOf(): News {
  const onAppend = new Set<Parameters<Log['onAppend']>[0]>()
  const onFork = new Set<Parameters<Log['onFork']>[0]>()
  return {
    async announce(event) {
      await Promise.all([...onAppend].map(async (listener) => tell(() => listener(event))))
    },
    announceFork(proof) {
      for (const listener of onFork) void tell(() => listener(proof))
    },
    onAppend(listener) {
      onAppend.add(listener)
      return () => void onAppend.delete(listener)
    },
    onFork(listener) {
      onFork.add(listener)
      return () => void onFork.delete(listener)
    },
  }
}

/**
 * What was written stays written when a listener fails: its fault is raised on its own, not as a failed append. A store
 * that was closed meanwhile is no fault: listeners read what they have not read at the next opening.
 */
async function tell(telling: () => void | Promise<void>): Promise<void> {
  try {
    await telling()
  } catch (error) {
    if (isMunimentError(error, 'ERR_STORE_CLOSED')) return
    queueMicrotask(() => {
      throw error
    })
  }
}
