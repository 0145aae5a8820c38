/** A bell: whoever waits is woken, and a ring while nobody waits is kept for the next. */
export interface WakeUp {
  ring(): void
  wait(): Promise<void>
}

/** A bell that has not rung. */
export function wakeUp(): WakeUp {
  let hasRung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      hasRung = true
      wake?.()
    },
    async wait() {
      if (!hasRung) await new Promise<void>((resolve) => (wake = resolve))
      hasRung = false
      wake = undefined
    },
  }
}
