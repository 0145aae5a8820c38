import type { DeviceId } from '@muniment/interface'
import type { ReceiveOutcome } from '@muniment/log'
import type { SyncComponents } from './components.ts'
import { MAX_SPOKEN_DEVICES } from './constants.ts'
import type { Outbox } from './outbox.ts'
import { wakeUp } from './wake-up.ts'

/** The devices whose frames were turned down on one connection because the roster said that they may not write. */
export interface Strangers {
  note(outcomes: readonly ReceiveOutcome[]): void
  /** Asks for their frames again once the roster says otherwise, whoever told it so, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

/** Nobody was turned down yet. */
export function strangers({ log, roster }: SyncComponents, out: Outbox): Strangers {
  const refused = new Map<DeviceId, 'not_a_member' | 'removed'>()
  const isTakenNow = (device: DeviceId, code: string): boolean =>
    roster.isMember(device) || (code === 'not_a_member' && roster.cutOf?.(device) !== undefined)
  const bell = wakeUp()
  return {
    note(outcomes) {
      for (const outcome of outcomes) {
        if (outcome.ok || outcome.device === undefined || refused.size >= MAX_SPOKEN_DEVICES) continue
        for (const { code } of outcome.problems) {
          if (code === 'not_a_member' || code === 'removed') refused.set(outcome.device, code)
        }
      }
      if (refused.size > 0) bell.ring()
    },
    async run(signal) {
      const ring = (): void => bell.ring()
      const stopListening = roster.onChange(ring)
      signal.addEventListener('abort', ring, { once: true })
      try {
        while (!signal.aborted) {
          for (const [device, code] of refused) {
            if (!isTakenNow(device, code)) continue
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
