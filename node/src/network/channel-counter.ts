import type { PeerId } from '@muniment/interface'

/** How many channels each peer has open. */
export interface ChannelCounter {
  /** Counts one more, or gives false when the peer has as many as it may. */
  enter(peer: PeerId): boolean
  leave(peer: PeerId): void
}

/** A counter that lets each peer have `limit` at a time. */
export function channelCounter(limit: number): ChannelCounter {
  const open = new Map<PeerId, number>()
  return {
    enter(peer) {
      const count = open.get(peer) ?? 0
      if (count >= limit) return false
      open.set(peer, count + 1)
      return true
    },
    leave(peer) {
      const left = (open.get(peer) ?? 0) - 1
      if (left > 0) open.set(peer, left)
      else open.delete(peer)
    },
  }
}
