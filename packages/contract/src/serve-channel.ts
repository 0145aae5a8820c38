import { type Channel, isMunimentError, MunimentError } from '@muniment/interface'
import { encodeMessage, type Reply } from './messages.ts'

/** One verb as an organisation serves it. */
export interface Verb<T> {
  /** The longest message that is read, in bytes. */
  readonly limit: number
  /** Throws `ERR_MALFORMED`. */
  parse(bytes: Uint8Array): T
  answer(message: T): Promise<Reply>
}

/**
 * Answers one message after another until the other end closes. A message that is too long or malformed ends the
 * channel, and the peer is not told why.
 */
export async function serveChannel<T>(channel: Channel, verb: Verb<T>): Promise<void> {
  try {
    for (;;) {
      const bytes = await channel.receive()
      if (!bytes) break
      if (bytes.length > verb.limit) throw new MunimentError('ERR_TOO_LARGE', 'the message is too long')
      await channel.send(encodeMessage(await verb.answer(verb.parse(bytes))))
    }
    await channel.close()
  } catch (error) {
    const reason = isMunimentError(error)
      ? error
      : new MunimentError('ERR_PROTOCOL', 'the exchange broke off', { cause: error })
    channel.abort(new MunimentError('ERR_PROTOCOL', 'the exchange broke off'))
    if (!isPeersFault(reason)) throw reason
  }
}

function isPeersFault({ code }: MunimentError): boolean {
  return ['ERR_MALFORMED', 'ERR_TOO_LARGE', 'ERR_CHANNEL_CLOSED', 'ERR_TIMEOUT', 'ERR_ABORTED'].includes(code)
}
