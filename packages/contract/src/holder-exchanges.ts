import type { Cryptography } from '@muniment/interface'
import { agree, type Contract } from './agree.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import {
  type AnswerBody,
  parseAnswerBody,
  parseDeliveryBody,
  parseOfferBody,
  parsePresentationBody,
  parseReceiptBody,
} from './ledger-bodies.ts'
import { type Offer, parseOffer } from './verify-offer.ts'

/**
 * Where an approved answer stands: `approved` (nothing has left), `delivered, unacknowledged` (the values may have left,
 * there is no receipt), `in force`, or `refused` (by the organisation, for good).
 */
export type HolderState = 'approved' | 'delivered, unacknowledged' | 'in force' | 'refused'

/** One exchange as the person's ledger tells it. */
export interface HolderExchange {
  /** The contract's hash. */
  readonly hash: string
  readonly contract: Contract
  readonly offer: Offer
  readonly state: HolderState
  /** The last approved answer. */
  readonly body: AnswerBody
  /** The hashes of every presentation approved under this contract: a fresh one replaces one that grew stale. */
  readonly presentations: readonly string[]
  /** The final bytes; `undefined` once they were erased. */
  readonly bytes?: Uint8Array
  readonly receipt?: string
  /** Why the organisation refused. */
  readonly reason?: string
}

/** Reads all exchanges out of a ledger. Entries whose bodies were erased are passed over. */
export async function readExchanges(components: {
  readonly ledger: Ledger
  readonly cryptography: Cryptography
}): Promise<readonly HolderExchange[]> {
  const exchanges = new Map<string, HolderExchange>()
  for await (const relationship of components.ledger.relationships()) {
    const offers = new Map<string, Offer>()
    for await (const entry of components.ledger.entries(relationship)) {
      if (entry.body !== undefined) readInto(components.cryptography, { exchanges, offers }, entry)
    }
  }
  return [...exchanges.values()]
}

interface Reading {
  readonly exchanges: Map<string, HolderExchange>
  readonly offers: Map<string, Offer>
}

function readInto(cryptography: Cryptography, reading: Reading, { kind, body }: LedgerEntry): void {
  switch (kind) {
    case 'offer':
      readOffer(cryptography, reading, body)
      break
    case 'answer':
      readAnswer(cryptography, reading, body)
      break
    case 'presentation': {
      const { contract, bytes } = parsePresentationBody(body)
      update(reading, contract, { bytes })
      break
    }
    case 'sent':
      update(reading, parseDeliveryBody(body).contract, { state: 'delivered, unacknowledged' })
      break
    case 'receipt': {
      const { contract, jws } = parseReceiptBody(body)
      update(reading, contract, { state: 'in force', receipt: jws })
      break
    }
    case 'refused': {
      const { contract, reason = 'refused' } = parseDeliveryBody(body)
      update(reading, contract, { state: 'refused', reason })
      break
    }
    case 'decline':
      break
  }
}

function readOffer(cryptography: Cryptography, { offers }: Reading, body: unknown): void {
  const read = parseOffer(cryptography, parseOfferBody(body).jws)
  if (read.ok) offers.set(read.offer.hash, read.offer)
}

function readAnswer(cryptography: Cryptography, { exchanges, offers }: Reading, body: unknown): void {
  const answered = parseAnswerBody(body)
  const offer = offers.get(answered.offer)
  if (!offer) return
  const agreed = agree(cryptography, offer, answered.answer)
  if (!agreed.ok) return
  const { contract, hash } = agreed
  const before = exchanges.get(hash)
  exchanges.set(hash, {
    hash,
    contract,
    offer,
    state: before?.state ?? 'approved',
    body: answered,
    presentations: [...(before?.presentations ?? []), answered.presentation],
  })
}

function update({ exchanges }: Reading, contract: string, change: Partial<HolderExchange>): void {
  const known = exchanges.get(contract)
  if (known) exchanges.set(contract, { ...known, ...change })
}
