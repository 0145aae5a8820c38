import { type Channel, MunimentError, type Outcome } from '@muniment/interface'
import { askChannel } from './ask-channel.ts'
import { refusal } from './outcome.ts'

/**
 * Asks an organisation for an offer by its request id, over a channel of `REQUEST_PROTOCOL`. The offer is not verified
 * yet: `verifyOffer` is next. A "no" carries the organisation's code, `unknown_request`, `expired` or `closed`.
 */
export async function fetchOffer(
  channel: Channel,
  id: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Outcome<{ jws: string }>> {
  const reply = await askChannel(channel, { id }, options)
  if ('offer' in reply) return { ok: true, jws: reply.offer }
  if ('refused' in reply)
    return refusal(reply.refused, `the organisation has no such offer: ${reply.refused.replace('_', ' ')}`)
  throw unexpected()
}

/**
 * Declines, over a channel of `DECLINE_PROTOCOL`. Only a person's own act may call this: the message is the same
 * whether they refused, have nothing to show, or could not (protocol rule 18).
 */
export async function declineOffer(
  channel: Channel,
  id: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Outcome> {
  const reply = await askChannel(channel, { decline: id }, options)
  if ('noted' in reply) return { ok: true }
  if ('refused' in reply)
    return refusal(reply.refused, `the organisation could not note it: ${reply.refused.replace('_', ' ')}`)
  throw unexpected()
}

function unexpected(): MunimentError {
  return new MunimentError('ERR_PROTOCOL', 'the organisation answered something else than was asked')
}
