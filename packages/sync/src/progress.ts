import type { SyncInit, SyncLog } from './components.ts'
import type { SpokenHead } from './messages.ts'

/**
 * Tells how much of what the peer said it holds is held here by now, in entries. The function that it gives is to be
 * called whenever the log has more. It does not matter over which connection an entry came: with two peers at once,
 * each brings a part.
 */
export function progressOf(
  log: Pick<SyncLog, 'heads'>,
  theirs: Readonly<Record<string, SpokenHead>>,
  onProgress: SyncInit['onProgress'],
): () => void {
  const missing = (): number => {
    const own = log.heads()
    let entries = 0
    for (const [device, { seq }] of Object.entries(theirs)) {
      const held = own[device]
      // Of a device that signed two histories nothing more is taken: it is not waited for.
      if (held?.forkedAt === undefined) entries += Math.max(0, seq - (held?.seq ?? 0))
    }
    return entries
  }
  const expected = missing()
  let received = 0
  onProgress?.({ received, expected })
  return () => {
    if (received === expected) return
    const now = expected - missing()
    if (now <= received) return
    received = now
    onProgress?.({ received, expected })
  }
}
