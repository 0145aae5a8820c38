import type { Stream } from '@libp2p/interface'
import { type Clock, MunimentError } from '@muniment/interface'
import { MAX_MESSAGE, SEND_TIMEOUT } from './constants.ts'
import { deadline } from './deadline.ts'
import { framed } from './message-parser.ts'

/** The sending half of a channel. */
export interface StreamOutbox {
  send(message: Uint8Array): Promise<void>
  close(): Promise<void>
}

/** What the sending half needs. */
export interface StreamOutboxInit {
  readonly clock: Clock
  /** Called when the peer made no room for {@link SEND_TIMEOUT}. */
  readonly onBroken: (error: MunimentError) => void
}

/** Sends messages over a stream and waits for room after each. libp2p's errors pass through. */
export function streamOutbox(stream: Stream, { clock, onBroken }: StreamOutboxInit): StreamOutbox {
  const inTime = async (work: () => Promise<void>): Promise<void> => {
    const patience = deadline(clock, () =>
      onBroken(new MunimentError('ERR_TIMEOUT', 'the peer made no room for a message in time')),
    )
    patience.set(SEND_TIMEOUT)
    try {
      await work()
    } finally {
      patience.clear()
    }
  }
  return {
    async send(message) {
      if (message.length > MAX_MESSAGE) {
        throw new MunimentError('ERR_TOO_LARGE', `a message has at most ${MAX_MESSAGE} bytes`)
      }
      if (stream.send(framed(message))) return
      await inTime(async () => {
        while (hasUnsent(stream)) await roomOrEnd(stream)
      })
    },
    close: () => inTime(() => stream.close()),
  }
}

function hasUnsent(stream: Stream): boolean {
  return stream.status === 'open' && (stream.writableNeedsDrain || stream.writeBufferLength > 0)
}

/** Resolves at the next event after which there may be room, or none ever: `onDrain()` of libp2p resolves only once. */
function roomOrEnd(stream: Stream): Promise<void> {
  return new Promise((resolve) => {
    const names = ['drain', 'idle', 'close'] as const
    const go = (): void => {
      for (const name of names) stream.removeEventListener(name, go)
      resolve()
    }
    for (const name of names) stream.addEventListener(name, go)
  })
}
