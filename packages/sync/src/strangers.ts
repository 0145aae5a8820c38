import type { DeviceId } from '@muniment/interface'
import type { ReceiveOutcome } from '@muniment/log'
import type { SyncComponents } from './components.ts'
import { MAX_SPOKEN_DEVICES } from './constants.ts'
import type { Outbox } from './outbox.ts'
import { wakeUp } from './wake-up.ts'

/** The devices whose frames were turned down on one connection because the roster did not list them yet. */
export interface Strangers {
  note(outcomes: readonly ReceiveOutcome[]): void
  /** Asks for their frames again once the roster lists them, whoever told it so, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

/** Nobody was turned down yet. */
export function strangers({ log, roster }: SyncComponents, out: Outbox): Strangers {
  const refused = new Set<DeviceId>()
  const bell = wakeUp()
  return {
    note(outcomes) {
      for (const outcome of outcomes) {
        if (outcome.ok || outcome.device === undefined || refused.size >= MAX_SPOKEN_DEVICES) continue
        if (outcome.problems.some(({ code }) => code === 'not_a_member')) refused.add(outcome.device)
      }
      if (refused.size > 0) bell.ring()
    },
    async run(signal) {
      const ring = (): void => bell.ring()
      const stopListening = roster.onChange(ring)
      signal.addEventListener('abort', ring, { once: true })
      try {
        while (!signal.aborted) {
          for (const device of refused) {
            if (!roster.isMember(device)) continue
            refused.delete(device)
            await out.send({ type: 'again', device, after: log.heads()[device]?.seq ?? 0 })
          }
          await bell.wait()
        }
      } finally {
        stopListening()
      }
    },
  }
}
