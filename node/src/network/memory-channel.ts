import { type Channel, MunimentError, type PeerId } from '@muniment/interface'
import { MAX_MESSAGE, MAX_WAITING } from './constants.ts'
import { type MessageQueue, messageQueue } from './message-queue.ts'

/** Settings of a channel in memory. */
export interface MemoryChannelInit {
  /** Peer ids of the two ends; by default `alice` and `bob`. */
  readonly peers?: readonly [PeerId, PeerId]
  /** Bytes of the longest message; by default {@link MAX_MESSAGE}. */
  readonly limit?: number
}

interface End {
  readonly inbox: MessageQueue
  /** Senders that wait for room in the inbox. */
  readonly senders: Set<() => void>
  isClosed: boolean
}

/** Two ends of one channel inside this program, with the same limits and errors as one over the network. */
export function memoryChannelPair(init: MemoryChannelInit = {}): [Channel, Channel] {
  const [left, right] = init.peers ?? ['alice', 'bob']
  const limit = init.limit ?? MAX_MESSAGE
  const [atLeft, atRight] = [end(), end()]
  return [
    channel({ local: left, remote: right, mine: atLeft, theirs: atRight, limit }),
    channel({ local: right, remote: left, mine: atRight, theirs: atLeft, limit }),
  ]
}

function end(): End {
  const senders = new Set<() => void>()
  return { inbox: messageQueue(() => wake(senders)), senders, isClosed: false }
}

function wake(senders: Set<() => void>): void {
  const woken = [...senders]
  senders.clear()
  for (const go of woken) go()
}

interface ChannelParts {
  readonly local: PeerId
  readonly remote: PeerId
  readonly mine: End
  readonly theirs: End
  readonly limit: number
}

function channel({ local, remote, mine, theirs, limit }: ChannelParts): Channel {
  let failure: MunimentError | undefined
  const refuseWhenClosed = (): void => {
    if (mine.isClosed) throw failure ?? new MunimentError('ERR_CHANNEL_CLOSED', 'this channel is closed')
  }
  return {
    local,
    remote,
    async send(message) {
      refuseWhenClosed()
      if (message.length > limit) {
        throw new MunimentError('ERR_TOO_LARGE', `a message has at most ${limit} bytes`)
      }
      theirs.inbox.push(new Uint8Array(message))
      while (theirs.inbox.bytes > MAX_WAITING) {
        await new Promise<void>((resolve) => theirs.senders.add(resolve))
        refuseWhenClosed()
      }
    },
    receive: async ({ signal } = {}) => mine.inbox.next(signal),
    async close() {
      mine.isClosed = true
      theirs.inbox.end()
    },
    abort(reason) {
      failure = new MunimentError('ERR_CHANNEL_CLOSED', 'this channel was dropped', { cause: reason })
      for (const each of [mine, theirs]) {
        each.isClosed = true
        each.inbox.fail(failure)
        wake(each.senders)
      }
    },
  }
}
