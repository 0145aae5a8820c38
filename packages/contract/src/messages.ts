import { fromCanonical, toCanonical } from '@muniment/crypto'
import { parseSlotSignature, type SlotSignature } from '@muniment/identity'
import type { Did } from '@muniment/interface'
import * as v from 'valibot'
import { type ContractAnswer, parseAnswer } from './answer.ts'
import { asCanonical } from './as-canonical.ts'
import { MAX_ANSWER_LENGTH, MAX_OFFER_LENGTH, MAX_RECEIPT_LENGTH } from './constants.ts'
import {
  bytesSchema,
  didSchema,
  hashTextSchema,
  idSchema,
  parseAs,
  upToBytesSchema,
  wholeSchema,
} from './schemas.ts'

/** Bytes of an idempotency key. */
export const IDEMPOTENCY_KEY_LENGTH = 32
/** Bytes of a fencing token. */
export const TOKEN_LENGTH = 16

/**
 * Why an organisation says no, as far as it tells the person: `unknown_request`, `expired`, `closed` (answered or
 * declined already), `not_next` (another delivery comes first), `superseded` (another device claimed since), `stale` (the
 * presentation is too old: make a new one), `refused` (anything else), and, once there are standing contracts, `paused`
 * and `withdrawn`.
 */
export type RefusedCode = (typeof REFUSED_CODES)[number]

const REFUSED_CODES = [
  'unknown_request',
  'expired',
  'closed',
  'not_next',
  'superseded',
  'stale',
  'refused',
  'paused',
  'withdrawn',
] as const

/** A holder asks for an offer by the request's id. */
export interface RequestMessage {
  readonly id: string
}

/** A holder claims the turn to deliver, without any value (protocol rule 16). */
export interface ClaimMessage {
  readonly id: string
  /** Long form of the relationship's DID, which carries its slots. */
  readonly relationship: Did
  readonly answer: ContractAnswer
  readonly n: number
  readonly previous: string | null
  /** The idempotency key. */
  readonly key: Uint8Array
  /** Over `claimEvent`. */
  readonly slot: SlotSignature
}

/** A holder delivers. */
export interface AnswerMessage {
  readonly id: string
  /** The contract's hash. */
  readonly contract: string
  readonly n: number
  readonly key: Uint8Array
  /** The fencing token of the claim. */
  readonly token: Uint8Array
  /** The final bytes, of which the preview was made. */
  readonly presentation: Uint8Array
  /** Over `answerEvent`. */
  readonly slot: SlotSignature
}

/** A holder declines (protocol rule 18): there is nothing in it but the request's id. */
export interface DeclineMessage {
  readonly decline: string
}

/** Where the organisation's ledger of the relationship stood when it gave a token. */
export interface Cut {
  readonly length: number
  /** The hash of its last entry. */
  readonly head: string | null
}

/** What an organisation says to any of these. Exactly one member is present beside a token's cut. */
export type Reply =
  | { readonly offer: string }
  | { readonly token: Uint8Array; readonly cut: Cut }
  | { readonly receipt: string }
  | { readonly noted: true }
  | { readonly refused: RefusedCode }

const slotSchema = v.pipe(v.unknown(), v.transform(parseSlotSignature))
const answerSchema = v.pipe(v.unknown(), v.transform(parseAnswer))
const keySchema = bytesSchema(IDEMPOTENCY_KEY_LENGTH)
const version = v.literal(1)

const requestSchema = v.strictObject({ v: version, id: idSchema })
const claimSchema = v.strictObject({
  v: version,
  id: idSchema,
  relationship: didSchema,
  answer: answerSchema,
  n: wholeSchema(1),
  previous: v.nullable(hashTextSchema),
  key: keySchema,
  slot: slotSchema,
})
const answerMessageSchema = v.strictObject({
  v: version,
  id: idSchema,
  contract: hashTextSchema,
  n: wholeSchema(1),
  key: keySchema,
  token: bytesSchema(TOKEN_LENGTH),
  presentation: upToBytesSchema(MAX_ANSWER_LENGTH),
  slot: slotSchema,
})
const declineSchema = v.strictObject({ v: version, decline: idSchema })
const text = (length: number) => v.pipe(v.string(), v.maxLength(length))
const replySchema = v.union([
  v.strictObject({ v: version, offer: text(MAX_OFFER_LENGTH) }),
  v.strictObject({
    v: version,
    token: bytesSchema(TOKEN_LENGTH),
    cut: v.strictObject({ length: wholeSchema(0), head: v.nullable(hashTextSchema) }),
  }),
  v.strictObject({ v: version, receipt: text(MAX_RECEIPT_LENGTH) }),
  v.strictObject({ v: version, noted: v.literal(true) }),
  v.strictObject({ v: version, refused: v.picklist(REFUSED_CODES) }),
])

/** Any of the messages above as its one encoding. */
export function encodeMessage(
  message: RequestMessage | ClaimMessage | AnswerMessage | DeclineMessage | Reply,
): Uint8Array {
  return toCanonical(asCanonical({ v: 1, ...message }))
}

/** Reads a {@link RequestMessage}; throws `ERR_MALFORMED`. */
export function parseRequestMessage(bytes: Uint8Array): RequestMessage {
  return parseAs(requestSchema, fromCanonical(bytes), 'a request for an offer')
}

/** Reads a {@link ClaimMessage}; throws `ERR_MALFORMED`. */
export function parseClaimMessage(bytes: Uint8Array): ClaimMessage {
  return parseAs(claimSchema, fromCanonical(bytes), 'a claim')
}

/** Reads an {@link AnswerMessage}; throws `ERR_MALFORMED`. */
export function parseAnswerMessage(bytes: Uint8Array): AnswerMessage {
  return parseAs(answerMessageSchema, fromCanonical(bytes), 'an answer')
}

/** Reads a {@link DeclineMessage}; throws `ERR_MALFORMED`. */
export function parseDeclineMessage(bytes: Uint8Array): DeclineMessage {
  return parseAs(declineSchema, fromCanonical(bytes), 'a decline')
}

/** Reads a {@link Reply}; throws `ERR_MALFORMED`. */
export function parseReply(bytes: Uint8Array): Reply {
  return parseAs(replySchema, fromCanonical(bytes), 'a reply')
}
