import type { Stream } from '@libp2p/interface'
import { type Channel, type Clock, type Milliseconds, MunimentError, type PeerId } from '@muniment/interface'
import { IDLE_TIMEOUT } from './constants.ts'
import { deadline } from './deadline.ts'
import { streamInbox } from './stream-inbox.ts'
import { streamOutbox } from './stream-outbox.ts'

/** What a channel over a stream is made with. */
export interface StreamChannelInit {
  readonly local: PeerId
  readonly remote: PeerId
  readonly clock: Clock
  /** Milliseconds of silence that a waiting reader bears; `Infinity` for ever. By default {@link IDLE_TIMEOUT}. */
  readonly idleTimeout?: Milliseconds
  /** Called once when nothing more goes either way. */
  readonly onOver: () => void
}

/** Messages over a libp2p stream: each is its length in 4 bytes, big-endian, and then its bytes. */
export function streamChannel(stream: Stream, init: StreamChannelInit): Channel {
  const { clock, idleTimeout = IDLE_TIMEOUT } = init
  let failure: MunimentError | undefined
  let isClosed = false

  const fail = (error: MunimentError): void => {
    failure ??= error
    isClosed = true
    inbox.fail(failure)
    stream.abort(failure)
  }
  /** Runs what libp2p may refuse; its errors become the reason why the channel is over. */
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (cause) {
      if (failure) throw failure
      if (cause instanceof MunimentError) throw cause
      throw new MunimentError('ERR_CHANNEL_CLOSED', 'the connection to the peer was lost', { cause })
    }
    if (failure) throw failure
  }
  const inbox = streamInbox(stream, { clock, onBroken: fail })
  const outbox = streamOutbox(stream, { clock, onBroken: fail })

  stream.addEventListener('close', () => {
    isClosed = true
    init.onOver()
  })
  if (stream.status !== 'open') queueMicrotask(init.onOver)

  return {
    local: init.local,
    remote: init.remote,
    async send(message) {
      if (isClosed) throw failure ?? new MunimentError('ERR_CHANNEL_CLOSED', 'this channel is closed')
      await attempt(() => outbox.send(message))
    },
    async receive({ signal } = {}) {
      const silence = deadline(clock, () =>
        fail(new MunimentError('ERR_TIMEOUT', 'the peer was silent for too long')),
      )
      silence.set(idleTimeout)
      try {
        return await inbox.next(signal)
      } finally {
        silence.clear()
      }
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await attempt(() => outbox.close())
    },
    abort(reason) {
      fail(new MunimentError('ERR_CHANNEL_CLOSED', 'this channel was dropped', { cause: reason }))
    },
  }
}
