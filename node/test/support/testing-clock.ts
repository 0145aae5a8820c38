import { type Clock, MunimentError } from '@muniment/interface'

/** A clock that a test moves itself. */
export interface TestingClock extends Clock {
  /** Moves the time on; what waited for it is told. */
  advance(duration: number): void
}

/** Time stands still until the test moves it: for tests only. */
export function unsafeTestingClock(): TestingClock {
  let now = 0
  const waits = new Set<{ readonly until: number; readonly resolve: () => void }>()
  return {
    now: () => now,
    wait: (duration, { signal } = {}) =>
      new Promise((resolve, reject) => {
        const wait = { until: now + duration, resolve }
        waits.add(wait)
        signal?.addEventListener('abort', () => {
          waits.delete(wait)
          reject(new MunimentError('ERR_ABORTED', 'the wait was given up'))
        })
      }),
    advance(duration) {
      now += duration
      for (const wait of waits) {
        if (wait.until > now) continue
        waits.delete(wait)
        wait.resolve()
      }
    },
  }
}
