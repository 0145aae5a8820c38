import type { DeviceId, VersionVector } from '@muniment/interface'
import type { ReceiveOutcome } from '@muniment/log'
import type { SyncLog } from './components.ts'
import type { SpokenHead } from './messages.ts'

/** More than any log holds: nothing of that device is to be sent. */
const EVERYTHING = Number.MAX_SAFE_INTEGER

/** What is known of what a peer holds, to send it nothing twice. */
export interface PeerView {
  /** How far each device's log needs no more sending. */
  readonly reached: VersionVector
  /** The devices whose log differs from ours: it has to be found where the branches part. */
  readonly differing: readonly DeviceId[]
  /** Frames up to `last` were sent to the peer, or came from it. */
  note(device: DeviceId, last: number): void
  noteReceived(outcomes: readonly ReceiveOutcome[]): void
  /** The peer turned down that device's frames after this one, and would take them now. */
  rewind(device: DeviceId, after: number): void
  /** The forks of ours that the peer does not know of, or knows as later ones. Each is given once. */
  untold(): readonly DeviceId[]
}

/** Compares what a peer says it holds with what is held here. */
export async function peerView(
  log: SyncLog,
  heads: Readonly<Record<DeviceId, SpokenHead>>,
): Promise<PeerView> {
  const own = log.heads()
  const reached: Record<DeviceId, number> = {}
  const told = new Map<DeviceId, number>()
  const differing: DeviceId[] = []
  for (const [device, theirs] of Object.entries(heads)) {
    if (theirs.forkedAt !== undefined) told.set(device, theirs.forkedAt)
    reached[device] = theirs.seq
    const mine = own[device]
    if (!mine || theirs.seq > mine.seq || (await log.hasFrame(device, theirs.seq, theirs.hash))) continue
    reached[device] = EVERYTHING
    const areBothTold = mine.forkedAt !== undefined && mine.forkedAt === theirs.forkedAt
    if (!areBothTold) differing.push(device)
  }
  const note = (device: DeviceId, last: number): void => {
    reached[device] = Math.max(reached[device] ?? 0, last)
  }
  return {
    reached,
    differing,
    note,
    noteReceived(outcomes) {
      for (const outcome of outcomes) if (outcome.ok) note(outcome.device, outcome.last)
    },
    rewind(device, after) {
      reached[device] = Math.min(reached[device] ?? 0, after)
      // What proves its fork was turned down as well.
      told.delete(device)
    },
    untold() {
      const news: DeviceId[] = []
      for (const [device, { forkedAt = Infinity }] of Object.entries(log.heads())) {
        if (forkedAt >= (told.get(device) ?? Infinity)) continue
        told.set(device, forkedAt)
        news.push(device)
      }
      return news
    },
  }
}
