import {
  acceptOffer,
  type AnswerPreview,
  DECLINE_PROTOCOL,
  declineOffer,
  type HolderExchange,
  type Narrowing,
  parseAnswer,
  previewAnswer,
} from '@muniment/contract'
import { parseStrictJson } from '@muniment/credentials'
import { isMunimentError, MunimentError, type Outcome } from '@muniment/interface'
import { nodeCryptography } from '../platform/index.ts'
import { dialPairwise } from './dial-pairwise.ts'
import type { ExchangeParts } from './exchange-parts.ts'
import { presentCredentials } from './present-credentials.ts'
import { identityTowards, isOfThisDevice } from './relationships.ts'
import { type OpenRequest, readRequest, requestOf, writeRequest } from './requests.ts'
import { sentence } from './sentence.ts'
import { verifiedOffer } from './verified-offer.ts'

/** Milliseconds that an organisation has to answer a delivery; it can be repeated at any time. */
const DELIVERY_TIMEOUT = 30_000

/** What a person chooses: the offer or its alternative, whole or narrowed. */
export interface Choice {
  readonly choice?: 'offer' | 'alternative'
  readonly narrowing?: Narrowing
}

/** What an organisation acknowledged: the hash of the contract, and its receipt. */
export interface Acknowledged {
  readonly contract: string
  readonly receipt: string
}

/** How a person answers a request that was opened. */
export interface Answering {
  /** What exactly would leave, made of the final bytes. Throws `ERR_NO_MATCHING_CREDENTIAL`, `ERR_ANSWER_TOO_WIDE`. */
  preview(id: string, choice?: Choice): Promise<AnswerPreview>
  /** The final bytes of the last preview. */
  previewBytes(id: string): Promise<Uint8Array>
  /**
   * Sends what the preview showed, named by its hash, and files the receipt. Throws `ERR_REFUSED` when the bytes are not
   * those of the preview; a "no" of the organisation is returned.
   */
  share(id: string, previewHash: string): Promise<Outcome<Acknowledged>>
  /** Says no, without a reason. */
  decline(id: string): Promise<Outcome>
  /**
   * Delivers what was approved and not acknowledged yet, e.g. after a crash. All are tried: an organisation that does not
   * answer gives the problem `unreachable`, and its share waits for the next time.
   */
  resumeShares(): Promise<readonly Outcome<Acknowledged>[]>
  /** Every exchange that was approved, and where it stands. */
  shares(): Promise<readonly HolderExchange[]>
}

/** Answers the requests that were opened on this device, and remembers which it has still to deliver. */
export function answering(exchange: ExchangeParts): Answering {
  const { parts, contracts, writable } = exchange
  const { store } = parts
  return {
    async preview(id, { choice = 'offer', narrowing } = {}) {
      const request = await requestOf(store, id)
      const offer = await verifiedOffer(exchange, request)
      const { signer } = await identityTowards(parts, request.did)
      const answer = acceptOffer(offer, {
        choice,
        relationship: signer.relationship.shortDid,
        ...(narrowing && { narrowing }),
      })
      const isAgain = request.presentation !== undefined
      const presentation = await presentCredentials(exchange, { offer, answer, isAgain })
      const previewed = previewAnswer(nodeCryptography, presentation, { offer, answer })
      if (!previewed.ok) throw new MunimentError('ERR_REFUSED', sentence(previewed.problems))
      await writeRequest(store, { ...request, presentation, answer: JSON.stringify(answer) })
      return previewed.preview
    },
    async previewBytes(id) {
      const { presentation } = await requestOf(store, id)
      if (!presentation) throw new MunimentError('ERR_NOT_FOUND', 'this request was not previewed')
      return presentation
    },
    async share(id, previewHash) {
      await writable()
      const request = await requestOf(store, id)
      const { presentation, answer, did } = request
      if (!presentation || answer === undefined) {
        throw new MunimentError('ERR_REFUSED', 'look at the preview before you send')
      }
      const { signer } = await identityTowards(parts, did)
      const offer = await verifiedOffer(exchange, request)
      const read = parseAnswer(parseStrictJson(answer))
      const approved = await contracts.approve({ offer, answer: read, presentation, previewHash, signer })
      return deliver(exchange, approved.hash, request)
    },
    async decline(id) {
      const request = await requestOf(store, id)
      const { did, addresses } = request
      const { transportKey } = await identityTowards(parts, did)
      const declined = await dialPairwise({ transportKey, addresses }, async (dial) =>
        declineOffer(await dial(DECLINE_PROTOCOL), id),
      )
      if (declined.ok) await writeRequest(store, { ...request, state: 'declined' })
      return declined
    },
    async resumeShares() {
      await writable()
      const outcomes: Outcome<Acknowledged>[] = []
      for (const waiting of await undelivered(exchange)) outcomes.push(await redeliver(exchange, waiting))
      return outcomes
    },
    shares: () => contracts.exchanges(),
  }
}

/** What this device approved and no organisation has acknowledged. */
async function undelivered({ parts, contracts }: ExchangeParts): Promise<readonly HolderExchange[]> {
  const waiting: HolderExchange[] = []
  for (const exchange of await contracts.exchanges()) {
    const isOpen = exchange.state === 'approved' || exchange.state === 'delivered, unacknowledged'
    if (isOpen && (await isOfThisDevice(parts, exchange.contract))) waiting.push(exchange)
  }
  return waiting
}

async function redeliver(
  exchange: ExchangeParts,
  { hash, offer }: HolderExchange,
): Promise<Outcome<Acknowledged>> {
  const { addresses, proposal } = offer
  const { name, did } = proposal.organisation
  try {
    return await deliver(exchange, hash, { id: proposal.id, did, addresses })
  } catch (error) {
    const code = AWAY.find((away) => isMunimentError(error, away))
    if (code === undefined) throw error
    return { ok: false, problems: [{ code: 'unreachable', message: `${name} does not answer now` }] }
  }
}

/** What a delivery throws when the organisation, not this device, is at fault; the next time may go better. */
const AWAY = [
  'ERR_UNREACHABLE',
  'ERR_CHANNEL_CLOSED',
  'ERR_TIMEOUT',
  'ERR_ABORTED',
  'ERR_PROTOCOL',
  'ERR_MALFORMED',
] as const

/** Delivers under a contract, and notes in the request what came of it. */
async function deliver(
  { parts, contracts }: ExchangeParts,
  contract: string,
  { id, did, addresses }: Pick<OpenRequest, 'id' | 'did' | 'addresses'>,
): Promise<Outcome<Acknowledged>> {
  const { transportKey } = await identityTowards(parts, did)
  const delivered = await dialPairwise({ transportKey, addresses }, async (dial) =>
    contracts.deliver(contract, dial, { signal: AbortSignal.timeout(DELIVERY_TIMEOUT) }),
  )
  const request = await readRequest(parts.store, id)
  if (request) await writeRequest(parts.store, { ...request, state: delivered.ok ? 'shared' : 'refused' })
  return delivered.ok ? { ...delivered, contract } : delivered
}
