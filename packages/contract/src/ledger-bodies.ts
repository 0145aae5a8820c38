import { parseSlotSignature, type SlotSignature } from '@muniment/identity'
import type { Did } from '@muniment/interface'
import * as v from 'valibot'
import { type ContractAnswer, parseAnswer } from './answer.ts'
import { MAX_ANSWER_LENGTH, MAX_OFFER_LENGTH, MAX_RECEIPT_LENGTH } from './constants.ts'
import { IDEMPOTENCY_KEY_LENGTH } from './messages.ts'
import { bytesSchema, didSchema, hashTextSchema, parseAs, upToBytesSchema, wholeSchema } from './schemas.ts'

/** Body of an `offer`: the signed request object. */
export interface OfferBody {
  readonly jws: string
}

/** Body of an `answer`: everything that makes the contract, and none of the values. */
export interface AnswerBody {
  readonly contract: string
  readonly offer: string
  readonly answer: ContractAnswer
  /** Long form. */
  readonly relationship: Did
  readonly presentation: string
  readonly n: number
  readonly previous: string | null
  readonly key: Uint8Array
  /** Over `answerEvent`. */
  readonly slot: SlotSignature
  /** Over `claimEvent`: on the holder's side, so that a restart can go on without the key. */
  readonly claimSlot?: SlotSignature
}

/** Body of a `presentation`: the values, as they were sent. */
export interface PresentationBody {
  readonly contract: string
  readonly presentation: string
  readonly bytes: Uint8Array
}

/** Body of a `receipt`. */
export interface ReceiptBody {
  readonly contract: string
  readonly jws: string
}

/** Body of `sent` (the values are about to leave) and of `refused` (the organisation said no). */
export interface DeliveryBody {
  readonly contract: string
  readonly presentation: string
  /** Milliseconds since the Unix epoch. */
  readonly at: number
  readonly reason?: string
}

const text = (length: number) => v.pipe(v.string(), v.maxLength(length))
const offerSchema = v.strictObject({ jws: text(MAX_OFFER_LENGTH) })
const slotSchema = v.pipe(v.unknown(), v.transform(parseSlotSignature))
const answerSchema = v.strictObject({
  contract: hashTextSchema,
  offer: hashTextSchema,
  answer: v.pipe(v.unknown(), v.transform(parseAnswer)),
  relationship: didSchema,
  presentation: hashTextSchema,
  n: wholeSchema(1),
  previous: v.nullable(hashTextSchema),
  key: bytesSchema(IDEMPOTENCY_KEY_LENGTH),
  slot: slotSchema,
  claimSlot: v.exactOptional(slotSchema),
})
const presentationSchema = v.strictObject({
  contract: hashTextSchema,
  presentation: hashTextSchema,
  bytes: upToBytesSchema(MAX_ANSWER_LENGTH),
})
const receiptSchema = v.strictObject({ contract: hashTextSchema, jws: text(MAX_RECEIPT_LENGTH) })
const deliverySchema = v.strictObject({
  contract: hashTextSchema,
  presentation: hashTextSchema,
  at: wholeSchema(0),
  reason: v.exactOptional(text(100)),
})

/** Reads the body of an `offer`; throws `ERR_MALFORMED`, as all of these do. */
export function parseOfferBody(body: unknown): OfferBody {
  return parseAs(offerSchema, body, 'an offer in a ledger')
}

/** Reads the body of an `answer`. */
export function parseAnswerBody(body: unknown): AnswerBody {
  return parseAs(answerSchema, body, 'an answer in a ledger')
}

/** Reads the body of a `presentation`. */
export function parsePresentationBody(body: unknown): PresentationBody {
  return parseAs(presentationSchema, body, 'a presentation in a ledger')
}

/** Reads the body of a `receipt`. */
export function parseReceiptBody(body: unknown): ReceiptBody {
  return parseAs(receiptSchema, body, 'a receipt in a ledger')
}

/** Reads the body of `sent` and `refused`. */
export function parseDeliveryBody(body: unknown): DeliveryBody {
  return parseAs(deliverySchema, body, 'a delivery in a ledger')
}
