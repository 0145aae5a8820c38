import { MunimentError } from '@muniment/interface'
import { MAX_WINDOW_BYTES, MAX_WINDOW_FRAMES } from './constants.ts'
import { wakeUp } from './wake-up.ts'

/** What was sent and is not yet acknowledged as stored. */
export interface Window {
  /** Resolves when a frame of that length may be sent, and counts it as sent. */
  enter(length: number): Promise<void>
  /** True when a frame of that length may be sent at once. */
  hasRoom(length: number): boolean
  /** The peer has stored that many of the oldest frames. Throws `ERR_PROTOCOL` when it had not got so many. */
  acknowledge(frames: number): void
  /** Whoever waits to enter gets `ERR_CHANNEL_CLOSED`. */
  close(): void
}

/** An empty window. */
export function sendWindow(): Window {
  const lengths: number[] = []
  const room = wakeUp()
  let bytes = 0
  const state = { isClosed: false }
  const hasRoom = (length: number): boolean =>
    lengths.length < MAX_WINDOW_FRAMES && bytes + length <= MAX_WINDOW_BYTES
  return {
    hasRoom,
    async enter(length) {
      while (!hasRoom(length) && !state.isClosed) await room.wait()
      if (state.isClosed) throw new MunimentError('ERR_CHANNEL_CLOSED', 'the connection is over')
      lengths.push(length)
      bytes += length
    },
    acknowledge(frames) {
      if (frames > lengths.length) {
        throw new MunimentError('ERR_PROTOCOL', 'the peer acknowledges frames that it was never sent')
      }
      for (const length of lengths.splice(0, frames)) bytes -= length
      room.ring()
    },
    close() {
      state.isClosed = true
      room.ring()
    },
  }
}
