import { type Offer, verifyOffer } from '@muniment/contract'
import { MunimentError } from '@muniment/interface'
import { COMPONENTS, type ExchangeParts } from './exchange-parts.ts'
import type { OpenRequest } from './requests.ts'

/** The offer of an opened request, verified anew. Throws `ERR_OFFER_EXPIRED` and `ERR_OFFER_INVALID`. */
export async function verifiedOffer(
  { resolver }: Pick<ExchangeParts, 'resolver'>,
  { jws, did, id }: OpenRequest,
): Promise<Offer> {
  const verified = await verifyOffer({ ...COMPONENTS, resolver }, jws, { did, id })
  if (verified.ok) return verified.offer
  const isExpired = verified.problems.some(({ code }) => code === 'offer_expired')
  const message = verified.problems.map((problem) => problem.message).join('; ')
  throw new MunimentError(isExpired ? 'ERR_OFFER_EXPIRED' : 'ERR_OFFER_INVALID', message)
}
