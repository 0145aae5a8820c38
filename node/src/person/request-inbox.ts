import {
  type ContractWords,
  describeOffer,
  fetchOffer,
  type Language,
  parseRequestLink,
  REQUEST_PROTOCOL,
} from '@muniment/contract'
import { parseDcqlQuery, selectCredentials } from '@muniment/credentials'
import { type Did, isMunimentError, MunimentError, type Problem } from '@muniment/interface'
import { dialPairwise } from './dial-pairwise.ts'
import type { ExchangeParts } from './exchange-parts.ts'
import { identityTowards } from './relationships.ts'
import { listRequests, type OpenRequest, readRequest, writeRequest } from './requests.ts'
import { sentence } from './sentence.ts'
import { verifiedOffer } from './verified-offer.ts'

/** A request that was opened. */
export interface RequestSummary {
  readonly id: string
  readonly who: string
  readonly did: Did
  /** The offer in plain words, and its alternative. */
  readonly words: { readonly offer: ContractWords; readonly alternative?: ContractWords }
  /** What nothing in the vault answers; such a request can only be declined. */
  readonly problems: readonly Problem[]
  readonly state: string
  readonly expires: number
}

/** What organisations ask of a person. */
export interface RequestInbox {
  /** Opens an organisation's request by its link: verified, and said in plain words. Throws `ERR_OFFER_INVALID`. */
  openRequest(link: string, language?: Language): Promise<RequestSummary>
  /** The requests that were opened. */
  inbox(language?: Language): Promise<readonly RequestSummary[]>
}

/** The requests that were opened on this device; those whose offer has expired, or no longer verifies, are not shown. */
export function requestInbox(exchange: ExchangeParts): RequestInbox {
  const { parts, held } = exchange
  const { store } = parts

  async function summarise(request: OpenRequest, language: Language): Promise<RequestSummary> {
    const offer = await verifiedOffer(exchange, request)
    const { organisation, expires } = offer.proposal
    const selection = selectCredentials(parseDcqlQuery({ ...offer.dcql }), await held.list())
    return {
      id: request.id,
      who: organisation.name,
      did: organisation.did,
      words: describeOffer(offer.proposal, language),
      problems: selection.ok ? [] : selection.problems,
      state: request.state,
      expires,
    }
  }

  return {
    async openRequest(text, language = 'en') {
      const link = parseRequestLink(text)
      if (link.kind !== 'muniment') {
        throw new MunimentError('ERR_UNSUPPORTED', 'this link is for wallets that answer over HTTPS')
      }
      const { did, id, addresses } = link
      const { transportKey } = await identityTowards(parts, did)
      const fetched = await dialPairwise({ transportKey, addresses }, async (dial) =>
        fetchOffer(await dial(REQUEST_PROTOCOL), id),
      )
      if (!fetched.ok) throw new MunimentError('ERR_REFUSED', sentence(fetched.problems))
      const request: OpenRequest = { id, did, addresses, jws: fetched.jws, state: 'open' }
      const shown = await summarise(request, language)
      await writeRequest(store, (await readRequest(store, id)) ?? request)
      return shown
    },
    async inbox(language = 'en') {
      const summaries: RequestSummary[] = []
      for await (const request of listRequests(store)) {
        try {
          summaries.push(await summarise(request, language))
        } catch (error) {
          // One that cannot be answered any more must not keep the others from being seen.
          const isOver = ['ERR_OFFER_EXPIRED', 'ERR_OFFER_INVALID'] as const
          if (!isOver.some((code) => isMunimentError(error, code))) throw error
        }
      }
      return summaries
    },
  }
}
