import type { Clock, Milliseconds } from '@muniment/interface'

/** One timer that is set and cleared many times. */
export interface Deadline {
  /** Starts it anew; `Infinity` never ends. */
  set(duration: Milliseconds): void
  clear(): void
}

/** A deadline by the given clock; `onPassed` is called when it passes uncleared. */
export function deadline(clock: Clock, onPassed: () => void): Deadline {
  let running: AbortController | undefined
  const clear = (): void => {
    running?.abort()
    running = undefined
  }
  return {
    set(duration) {
      clear()
      if (duration === Number.POSITIVE_INFINITY) return
      const started = new AbortController()
      running = started
      void passed(clock, duration, started.signal).then((isPassed) => {
        if (!isPassed || running !== started) return undefined
        running = undefined
        return onPassed()
      })
    },
    clear,
  }
}

async function passed(clock: Clock, duration: Milliseconds, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.wait(duration, { signal })
    return true
  } catch {
    return false
  }
}
