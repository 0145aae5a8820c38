import { type Channel, MunimentError } from '@muniment/interface'
import { encodeMessage, parseReply, type Reply } from './messages.ts'

/**
 * Sends one message and gives the reply. Throws `ERR_CHANNEL_CLOSED` when the other end closes without one, what
 * `Channel.receive` throws, and `ERR_PROTOCOL` for a reply that cannot be read.
 */
export async function askChannel(
  channel: Channel,
  message: Parameters<typeof encodeMessage>[0],
  options: { readonly signal?: AbortSignal } = {},
): Promise<Reply> {
  await channel.send(encodeMessage(message))
  const bytes = await channel.receive(options)
  if (!bytes) throw new MunimentError('ERR_CHANNEL_CLOSED', 'the organisation closed without an answer')
  try {
    return parseReply(bytes)
  } catch (cause) {
    const error = new MunimentError(
      'ERR_PROTOCOL',
      'the organisation answered something that cannot be read',
      { cause },
    )
    channel.abort(error)
    throw error
  }
}
