import { type Clock, type Milliseconds, MunimentError } from '@muniment/interface'

/** Time that passes only when a test says so, the same for all devices; each device's clock may be wrong by itself. */
export interface VirtualTime {
  /** A device's clock. */
  clock(): Clock & { skew: Milliseconds }
  /** Lets time pass: whoever has waited long enough goes on. */
  pass(duration: Milliseconds): void
}

/** Starts a time of its own, on 14 November 2023. */
export function virtualTime(): VirtualTime {
  let now = 1_700_000_000_000
  const waiting = new Set<{ readonly due: Milliseconds; readonly resolve: () => void }>()
  return {
    clock: () => ({
      skew: 0,
      now() {
        return now + this.skew
      },
      wait: (duration, { signal } = {}) =>
        new Promise((resolve, reject) => {
          const wait = { due: now + duration, resolve }
          const giveUp = (): void => {
            waiting.delete(wait)
            reject(new MunimentError('ERR_ABORTED', 'the wait was given up'))
          }
          if (signal?.aborted) {
            giveUp()
            return
          }
          waiting.add(wait)
          signal?.addEventListener('abort', giveUp, { once: true })
        }),
    }),
    pass(duration) {
      now += duration
      for (const wait of waiting) {
        if (wait.due > now) continue
        waiting.delete(wait)
        wait.resolve()
      }
    },
  }
}
