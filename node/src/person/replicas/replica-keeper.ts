import { type Clock, isMunimentError } from '@muniment/interface'
import { newsBoard } from '../news-board.ts'
import { FIRST_RETRY, LONGEST_RETRY, LONGEST_WAIT, QUIET_TIME } from './constants.ts'

/** What keeping replicas up to date needs. */
export interface KeeperInit {
  readonly clock: Clock
  /** Names of the replicas that there are now. */
  readonly replicas: () => Promise<readonly string[]>
  /** Whether a replica lacks something. */
  readonly isDue: (replica: string) => boolean
  /** Brings it up to date; a failure is noted there, and thrown. */
  readonly push: (replica: string, signal: AbortSignal) => Promise<void>
}

/** Pushes to replicas by itself, after changes. */
export interface ReplicaKeeper {
  /** To be called after each change of the vault. It returns at once. */
  changed(): void
  /** To be called when a replica was added or removed. */
  listChanged(): void
  /** Stops; an upload under way is given up, and the next one goes on from there. */
  stop(): Promise<void>
}

/**
 * Keeps each replica up to date by itself: after {@link QUIET_TIME} without a change, or {@link LONGEST_WAIT} of them, and
 * after failures ever more slowly. Replicas do not wait for each other, and no change waits for a replica.
 */
export function keepReplicas({ clock, replicas, isDue, push }: KeeperInit): ReplicaKeeper {
  const board = newsBoard()
  const stop = new AbortController()
  const kept = new Map<string, { readonly end: AbortController; readonly ended: Promise<void> }>()
  let lastChange = clock.now()

  async function untilQuiet(signal: AbortSignal): Promise<void> {
    const begun = clock.now()
    do await clock.wait(QUIET_TIME, { signal })
    while (clock.now() - lastChange < QUIET_TIME && clock.now() - begun < LONGEST_WAIT)
  }

  async function hasPushed(replica: string, signal: AbortSignal): Promise<boolean> {
    try {
      await push(replica, signal)
      return true
    } catch {
      return false // It is noted in the replica's state, and tried again.
    }
  }

  async function keep(replica: string, signal: AbortSignal): Promise<void> {
    for (let failures = 0; ;) {
      await board.until(() => isDue(replica), signal)
      if (signal.aborted) return
      await untilQuiet(signal)
      if (await hasPushed(replica, signal)) failures = 0
      else await clock.wait(Math.min(FIRST_RETRY * 2 ** failures++, LONGEST_RETRY), { signal })
    }
  }

  async function look(): Promise<void> {
    const names = new Set(stop.signal.aborted ? [] : await replicas())
    for (const [name, { end }] of kept) {
      if (names.has(name)) continue
      kept.delete(name)
      end.abort()
    }
    for (const name of names) {
      if (kept.has(name) || stop.signal.aborted) continue
      const end = new AbortController()
      const signal = AbortSignal.any([end.signal, stop.signal])
      kept.set(name, { end, ended: keep(name, signal).catch(ignoreAbort) })
    }
  }

  let looking: Promise<void> = look()
  return {
    changed() {
      lastChange = clock.now()
      board.post()
    },
    listChanged() {
      looking = looking.then(look, look)
    },
    async stop() {
      stop.abort()
      await looking.catch(() => undefined)
      await Promise.all([...kept.values()].map(({ ended }) => ended))
    },
  }
}

function ignoreAbort(error: unknown): void {
  if (!isMunimentError(error, 'ERR_ABORTED')) throw error
}
