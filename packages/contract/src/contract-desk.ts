import type { Channel, Problem } from '@muniment/interface'
import { agree, type Contract } from './agree.ts'
import {
  ANSWER_PROTOCOL,
  CLAIM_PROTOCOL,
  DECLINE_PROTOCOL,
  MAX_ANSWER_LENGTH,
  MAX_MESSAGE_LENGTH,
  REQUEST_PROTOCOL,
} from './constants.ts'
import type { DeskComponents, DeskInit } from './desk-components.ts'
import type { ExchangeState } from './exchange-record.ts'
import { type ExchangeStore, openExchangeStore } from './exchange-store.ts'
import type { Ledger, LedgerStore } from './ledger.ts'
import {
  parseAnswerMessage,
  parseClaimMessage,
  parseDeclineMessage,
  parseRequestMessage,
  type Reply,
} from './messages.ts'
import { createOffer, type OfferDraft, signOffer } from './offer.ts'
import { formatRequestLink } from './request-link.ts'
import { serveChannel } from './serve-channel.ts'
import type { ErasableDataKeys } from './store-data-keys.ts'
import { file, takeAnswer, type TakingAnswers } from './take-answer.ts'
import { isExpired, refuse, takeClaim } from './take-claim.ts'
import { takeDecline } from './take-decline.ts'

/** Room around the presentation in an answer: token, key, hashes and slot signature. */
const ANSWER_ENVELOPE = 4096

/** One exchange as the organisation sees it. */
export interface Exchange {
  readonly id: string
  readonly state: ExchangeState
  /** The contract, once someone claimed it; in force only when the state says so. */
  readonly contract?: { readonly hash: string; readonly contract: Contract }
  readonly receipt?: string
}

/** Something that happened at an organisation's desk. */
export type DeskEvent =
  | { readonly id: string; readonly state: ExchangeState }
  | { readonly id: string; readonly problems: readonly Problem[] }

/** What {@link ContractDesk.offer} is given: the organisation is the desk's own. */
export type DeskOffer = Omit<OfferDraft, 'organisation'>

/** An organisation's side of contracts: it offers, arbitrates who delivers, verifies, countersigns and files. */
export interface ContractDesk {
  /** Signs and stores an offer; what it gives is handed out as a link or QR code. */
  offer(draft: DeskOffer): Promise<{ readonly id: string; readonly jws: string; readonly link: string }>
  /** For each protocol, what serves a channel until it ends. */
  readonly protocols: Readonly<Record<string, (channel: Channel) => Promise<void>>>
  exchange(id: string): Promise<Exchange | undefined>
  exchanges(): AsyncIterable<Exchange>
  readonly ledger: Ledger
  /** What `verifyLedger` needs beside the desk's own components. */
  readonly ledgerStore: LedgerStore
  readonly dataKeys: ErasableDataKeys
  /** Tells of changes of state and of refused answers; gives a function that ends it. */
  observe(listener: (event: DeskEvent) => void): () => void
}

/** Opens the desk over the organisation's store, and finishes what a crash interrupted. */
export async function openContractDesk(components: DeskComponents, init: DeskInit): Promise<ContractDesk> {
  const exchanges = await openExchangeStore(components)
  const listeners = new Set<(event: DeskEvent) => void>()
  const tell = (event: DeskEvent): void => listeners.forEach((listener) => listener(event))
  const onRefused = (id: string, problems: readonly Problem[]): void => tell({ id, problems })
  const taking: TakingAnswers = { components, init, exchanges, onRefused }
  const inTurn = (id: string, task: () => Promise<Reply>): Promise<Reply> =>
    exchanges.queue.run(`request ${id}`, async () => {
      const before = (await exchanges.load(id))?.record.state
      const reply = await task()
      const after = (await exchanges.load(id))?.record.state
      if (after !== undefined && after !== before) tell({ id, state: after })
      return reply
    })
  await finishDeliveries(taking)
  return {
    offer: (draft) => makeOffer(components, init, { draft, exchanges }),
    protocols: protocolsOf(taking, inTurn),
    exchange: (id) => readExchange(components, exchanges, id),
    async *exchanges() {
      for await (const id of exchanges.ids()) {
        const exchange = await readExchange(components, exchanges, id)
        if (exchange) yield exchange
      }
    },
    ledger: exchanges.ledger,
    ledgerStore: exchanges.ledgerStore,
    dataKeys: exchanges.dataKeys,
    observe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function protocolsOf(
  taking: TakingAnswers,
  inTurn: (id: string, task: () => Promise<Reply>) => Promise<Reply>,
): ContractDesk['protocols'] {
  const { components, exchanges } = taking
  return {
    [REQUEST_PROTOCOL]: (channel) =>
      serveChannel(channel, {
        limit: MAX_MESSAGE_LENGTH,
        parse: parseRequestMessage,
        answer: ({ id }) => giveOffer(components, exchanges, id),
      }),
    [CLAIM_PROTOCOL]: (channel) =>
      serveChannel(channel, {
        limit: MAX_MESSAGE_LENGTH,
        parse: parseClaimMessage,
        answer: (message) => inTurn(message.id, () => takeClaim(components, exchanges, message)),
      }),
    [ANSWER_PROTOCOL]: (channel) =>
      serveChannel(channel, {
        limit: MAX_ANSWER_LENGTH + ANSWER_ENVELOPE,
        parse: parseAnswerMessage,
        answer: (message) => inTurn(message.id, () => takeAnswer(taking, message)),
      }),
    [DECLINE_PROTOCOL]: (channel) =>
      serveChannel(channel, {
        limit: MAX_MESSAGE_LENGTH,
        parse: parseDeclineMessage,
        answer: (message) => inTurn(message.decline, () => takeDecline(exchanges, message)),
      }),
  }
}

async function makeOffer(
  components: DeskComponents,
  { organisation, kid }: DeskInit,
  { draft, exchanges }: { readonly draft: DeskOffer; readonly exchanges: ExchangeStore },
): ReturnType<ContractDesk['offer']> {
  const request = createOffer(components, { ...draft, organisation })
  const jws = await signOffer(components.signer, kid, request)
  const id = request.state
  const link = formatRequestLink({ did: organisation.did, addresses: draft.addresses, id })
  await exchanges.save(id, { state: 'offered', offer: jws })
  return { id, jws, link }
}

async function giveOffer(components: DeskComponents, exchanges: ExchangeStore, id: string): Promise<Reply> {
  const found = await exchanges.load(id)
  if (!found) return refuse('unknown_request')
  const { record, offer } = found
  if (record.state === 'declined') return refuse('closed')
  return isExpired(components, offer) ? refuse('expired') : { offer: record.offer }
}

/** A delivery that was accepted before a crash is countersigned without waiting for the person to ask again. */
async function finishDeliveries(taking: TakingAnswers): Promise<void> {
  for await (const id of taking.exchanges.ids()) {
    const found = await taking.exchanges.load(id)
    const { claim, delivery, state } = found?.record ?? {}
    if (found && claim && delivery && state === 'delivered') {
      await file(taking, found.offer, { record: found.record, claim, delivery })
    }
  }
}

async function readExchange(
  { cryptography }: DeskComponents,
  exchanges: ExchangeStore,
  id: string,
): Promise<Exchange | undefined> {
  const found = await exchanges.load(id)
  if (!found) return undefined
  const { record, offer } = found
  const agreed = record.claim && agree(cryptography, offer, record.claim.answer)
  return {
    id,
    state: record.state,
    ...(agreed?.ok && { contract: { hash: agreed.hash, contract: agreed.contract } }),
    ...(record.receipt !== undefined && { receipt: record.receipt }),
  }
}
