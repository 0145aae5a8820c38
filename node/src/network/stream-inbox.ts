import type { Stream } from '@libp2p/interface'
import { type Clock, MunimentError } from '@muniment/interface'
import { MAX_MESSAGE, MAX_WAITING, MESSAGE_TIMEOUT } from './constants.ts'
import { deadline } from './deadline.ts'
import { messageParser } from './message-parser.ts'
import { type MessageQueue, messageQueue } from './message-queue.ts'

/** What the receiving half of a channel needs. */
export interface StreamInboxInit {
  readonly clock: Clock
  /** Called once when the stream is of no more use: a broken rule, a time-out, a reset, a lost connection. */
  readonly onBroken: (error: MunimentError) => void
}

/**
 * The messages that arrive on a stream. The stream is paused when enough of them wait for their reader.
 *
 * The end counts as an end only when the other side said so: a connection that breaks also ends libp2p's stream
 * without an error, and must not pass for a complete conversation.
 */
export function streamInbox(stream: Stream, { clock, onBroken }: StreamInboxInit): MessageQueue {
  const parser = messageParser(MAX_MESSAGE)
  let hasRemoteClosed = stream.remoteWriteStatus === 'closed' && stream.status === 'open'
  let isWatched = false

  const broken = (error: MunimentError): void => {
    watch(false)
    if (!inbox.isOver) onBroken(error)
  }
  const messageDeadline = deadline(clock, () =>
    broken(new MunimentError('ERR_TIMEOUT', 'the peer began a message and did not end it in time')),
  )
  /** The time of a message runs only while this end lets it in. */
  const watch = (isRunning: boolean, hasCompleted = false): void => {
    if (!isRunning) messageDeadline.clear()
    else if (hasCompleted || !isWatched) messageDeadline.set(MESSAGE_TIMEOUT)
    isWatched = isRunning
  }
  const inbox = messageQueue(() => {
    if (stream.readStatus !== 'paused' || inbox.bytes > MAX_WAITING / 2) return
    watch(parser.isInMessage)
    stream.resume()
  })
  const ended = (cause?: Error): void => {
    if (inbox.isOver) return
    watch(false)
    if (hasRemoteClosed && !cause && !parser.isInMessage) inbox.end()
    else broken(new MunimentError('ERR_CHANNEL_CLOSED', 'the connection to the peer was lost', { cause }))
  }

  stream.addEventListener('message', ({ data }) => {
    if (inbox.isOver) return
    try {
      const messages = parser.feed(data instanceof Uint8Array ? data : data.subarray())
      for (const message of messages) inbox.push(message)
      const isFull = inbox.bytes > MAX_WAITING
      if (isFull && stream.readStatus === 'readable') stream.pause()
      watch(!isFull && parser.isInMessage, messages.length > 0)
      // What the negotiation of the protocol read too far is given back after libp2p has told the end.
      if (stream.readableEnded && stream.readBufferLength === 0) ended()
    } catch (cause) {
      broken(
        cause instanceof MunimentError
          ? cause
          : new MunimentError('ERR_PROTOCOL', 'the peer sent bytes that are no messages', { cause }),
      )
    }
  })
  stream.addEventListener('remoteCloseWrite', () => {
    hasRemoteClosed = true
  })
  stream.addEventListener('end', () => {
    if (stream.status !== 'aborted' && stream.status !== 'reset') ended()
  })
  stream.addEventListener('close', ({ error }) => {
    // What waits in a paused stream is still to come, and "end" after it.
    if (error || stream.readStatus !== 'paused') ended(error)
  })
  // What happened before the listeners were there.
  if (stream.status !== 'open' || (hasRemoteClosed && stream.readBufferLength === 0))
    queueMicrotask(() => ended())
  return inbox
}
