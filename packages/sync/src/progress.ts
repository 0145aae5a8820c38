import type { DeviceId } from '@muniment/interface'
import type { LogHead, ReceiveOutcome } from '@muniment/log'
import type { SyncInit } from './components.ts'
import type { SpokenHead } from './messages.ts'

/** Counts entries as they are stored, against what the peer said it holds; more comes when the peer writes on. */
export function progressOf(
  own: Readonly<Record<DeviceId, LogHead>>,
  theirs: Readonly<Record<DeviceId, SpokenHead>>,
  onProgress: SyncInit['onProgress'],
): (outcomes: readonly ReceiveOutcome[]) => void {
  let received = 0
  let expected = 0
  for (const [device, { seq }] of Object.entries(theirs))
    expected += Math.max(0, seq - (own[device]?.seq ?? 0))
  onProgress?.({ received, expected })
  return (outcomes) => {
    for (const outcome of outcomes)
      if (outcome.ok && outcome.isNew) received += outcome.last - outcome.first + 1
    expected = Math.max(expected, received)
    onProgress?.({ received, expected })
  }
}
