import { fromCanonical, toCanonical } from '@muniment/crypto'
import { parseSlotSignature, type SlotSignature } from '@muniment/identity'
import type { Did } from '@muniment/interface'
import * as v from 'valibot'
import { type ContractAnswer, parseAnswer } from './answer.ts'
import { asCanonical } from './as-canonical.ts'
import { MAX_ANSWER_LENGTH, MAX_OFFER_LENGTH, MAX_RECEIPT_LENGTH } from './constants.ts'
import { IDEMPOTENCY_KEY_LENGTH, TOKEN_LENGTH } from './messages.ts'
import { bytesSchema, didSchema, hashTextSchema, parseAs, upToBytesSchema, wholeSchema } from './schemas.ts'

/**
 * Where an exchange stands at the organisation. `delivered`: the nonce is consumed and the presentation kept, but no
 * receipt was made yet. Pausing and withdrawing come with standing contracts.
 */
export type ExchangeState = (typeof STATES)[number]

const STATES = ['offered', 'claimed', 'delivered', 'in force', 'declined', 'lapsed'] as const

/** Who may deliver now. */
export interface Claim {
  readonly token: Uint8Array
  /** The contract's hash. */
  readonly contract: string
  readonly key: Uint8Array
  /** Long form. */
  readonly relationship: Did
  readonly answer: ContractAnswer
  readonly n: number
  /** The slot key that claimed, base64url. */
  readonly slotKey: string
}

/** What was delivered. */
export interface Delivery {
  /** The presentation's hash. */
  readonly presentation: string
  readonly slot: SlotSignature
  /** The values; gone from here once the ledger holds them. */
  readonly bytes?: Uint8Array
}

/** One request as an organisation stores it. */
export interface ExchangeRecord {
  readonly state: ExchangeState
  /** The signed offer. */
  readonly offer: string
  readonly claim?: Claim
  readonly delivery?: Delivery
  readonly receipt?: string
}

const schema = v.strictObject({
  v: v.literal(1),
  state: v.picklist(STATES),
  offer: v.pipe(v.string(), v.maxLength(MAX_OFFER_LENGTH)),
  claim: v.exactOptional(
    v.strictObject({
      token: bytesSchema(TOKEN_LENGTH),
      contract: hashTextSchema,
      key: bytesSchema(IDEMPOTENCY_KEY_LENGTH),
      relationship: didSchema,
      answer: v.pipe(v.unknown(), v.transform(parseAnswer)),
      n: wholeSchema(1),
      slotKey: hashTextSchema,
    }),
  ),
  delivery: v.exactOptional(
    v.strictObject({
      presentation: hashTextSchema,
      slot: v.pipe(v.unknown(), v.transform(parseSlotSignature)),
      bytes: v.exactOptional(upToBytesSchema(MAX_ANSWER_LENGTH)),
    }),
  ),
  receipt: v.exactOptional(v.pipe(v.string(), v.maxLength(MAX_RECEIPT_LENGTH))),
})

/** The stored bytes of an exchange. */
export function encodeExchange(record: ExchangeRecord): Uint8Array {
  return toCanonical(asCanonical({ v: 1, ...record }))
}

/** Reads the stored bytes; throws `ERR_MALFORMED`. */
export function parseExchange(bytes: Uint8Array): ExchangeRecord {
  const { v: _version, ...record } = parseAs(schema, fromCanonical(bytes), 'a stored exchange')
  return record
}
