import { type acceptOffer, agree, agreedQuery, encodePresentation, type Offer } from '@muniment/contract'
import {
  type HeldCredential,
  type Match,
  parseDcqlQuery,
  presentCopy,
  selectCredentials,
} from '@muniment/credentials'
import { MunimentError } from '@muniment/interface'
import { nodeClock, nodeCryptography } from '../platform/index.ts'
import { COMPONENTS, type ExchangeParts } from './exchange-parts.ts'
import { sentence } from './sentence.ts'

/** What is answered, and to which offer. */
export interface Agreeing {
  readonly offer: Offer
  readonly answer: ReturnType<typeof acceptOffer>
  /** True when this request was previewed before, so that the copy it took is taken again. */
  readonly isAgain: boolean
}

/**
 * Makes the final bytes that answer an offer: one copy of each credential asked for, bound to the contract. Throws
 * `ERR_ANSWER_TOO_WIDE`, `ERR_NO_MATCHING_CREDENTIAL`, `ERR_NO_FRESH_COPY`.
 */
export async function presentCredentials(
  { holder, held }: Pick<ExchangeParts, 'holder' | 'held'>,
  { offer, answer, isAgain }: Agreeing,
): Promise<Uint8Array> {
  const agreement = agree(nodeCryptography, offer, answer)
  if (!agreement.ok) throw new MunimentError('ERR_ANSWER_TOO_WIDE', sentence(agreement.problems))
  const query = parseDcqlQuery({ ...agreedQuery(agreement.contract) })
  const selection = selectCredentials(query, await held.list())
  if (!selection.ok) throw new MunimentError('ERR_NO_MATCHING_CREDENTIAL', sentence(selection.problems))
  const token: Record<string, readonly string[]> = {}
  for (const { id } of agreement.contract.terms.what) {
    const match = await withFreshCopy(holder, selection.matches[id] ?? [])
    const transactionData = offer.transactionData.get(id)
    if (!match || transactionData === undefined) continue
    const copy = await holder.takeCopy(match.credential.id, {
      verifier: offer.proposal.organisation.did,
      allowReuse: isAgain,
    })
    const draft = {
      disclose: match.disclose,
      audience: offer.clientId,
      nonce: offer.nonce,
      issuedAt: Math.floor(nodeClock.now() / 1000),
      transactionData: [transactionData],
      contractAnswer: answer,
    }
    token[id] = [await presentCopy(COMPONENTS, copy, draft)]
  }
  return encodePresentation(token)
}

/** The first match of which a copy is left that nobody has seen, or else the first. */
async function withFreshCopy(
  holder: ExchangeParts['holder'],
  matches: readonly Match<HeldCredential>[],
): Promise<Match<HeldCredential> | undefined> {
  for (const match of matches) if ((await holder.countFresh(match.credential.id)) > 0) return match
  return matches[0]
}
