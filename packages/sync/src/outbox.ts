import type { Channel } from '@muniment/interface'
import { encodeMessage, type SyncMessage } from './messages.ts'

/** Sends messages one after the other, in the order they were handed in. */
export interface Outbox {
  /** Resolves when the channel has room for more. */
  send(message: SyncMessage): Promise<void>
  /** How many messages were handed in: tells whether a sign of life is due. */
  readonly count: number
}

/** The one door to a channel's sending side. */
export function outbox(channel: Channel): Outbox {
  let last: Promise<void> = Promise.resolve()
  let count = 0
  return {
    send(message) {
      count++
      last = last.then(() => channel.send(encodeMessage(message)))
      return last
    },
    get count() {
      return count
    },
  }
}
