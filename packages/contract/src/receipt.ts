import { base64url, hashInDomain } from '@muniment/crypto'
import {
  type Cryptography,
  type Did,
  isMunimentError,
  type Outcome,
  type Problem,
  type Resolver,
  type Signer,
} from '@muniment/interface'
import * as v from 'valibot'
import { MAX_RECEIPT_LENGTH, RECEIPT_JWS_TYPE } from './constants.ts'
import { isSignedBy, type ParsedJws, parseJws, signJws } from './jws.ts'
import { refusal, refusals } from './outcome.ts'
import { isSameValue } from './same-value.ts'
import { didSchema, hashTextSchema, wholeSchema } from './schemas.ts'

/** What an organisation countersigns: that it got this presentation under this contract. It holds no value. */
export interface Receipt {
  readonly v: 1
  /** The organisation. */
  readonly iss: Did
  /** The person, by the short form of the relationship's DID. */
  readonly relationship: Did
  /** The contract's hash. */
  readonly contract: string
  /** The presentation's hash. */
  readonly presentation: string
  /** The number of this delivery under the contract, from 1. */
  readonly n: number
  /** The hash of receipt n−1; `null` for the first. */
  readonly previous: string | null
  /** Seconds since the Unix epoch. */
  readonly iat: number
}

const receiptSchema: v.GenericSchema<unknown, Receipt> = v.strictObject({
  v: v.literal(1),
  iss: didSchema,
  relationship: didSchema,
  contract: hashTextSchema,
  presentation: hashTextSchema,
  n: wholeSchema(1),
  previous: v.nullable(hashTextSchema),
  iat: wholeSchema(0),
})

/** What checking a receipt needs. */
export interface ReceiptChecks {
  readonly cryptography: Cryptography
  readonly resolver: Resolver
}

/** Signs a receipt: a compact JWS of type `muniment-receipt+jwt`. */
export async function signReceipt(signer: Signer, kid: string, receipt: Receipt): Promise<string> {
  return signJws(signer, RECEIPT_JWS_TYPE, kid, receipt)
}

/**
 * Checks a receipt: the organisation's signature, and that it is for what was delivered. Problems: `receipt_malformed`,
 * `receipt_unsigned`, `receipt_wrong_type`, `receipt_algorithm`, `receipt_key`, `receipt_signature`, `receipt_of_another`.
 */
export async function verifyReceipt(
  checks: ReceiptChecks,
  jws: string,
  expected: Omit<Receipt, 'v' | 'iat'>,
): Promise<Outcome<{ receipt: Receipt; hash: string }>> {
  if (jws.length > MAX_RECEIPT_LENGTH) return refusal('receipt_malformed', 'the receipt is too long')
  const read = parseJws(jws, RECEIPT_JWS_TYPE, 'receipt')
  if (!read.ok) return read
  const parsed = v.safeParse(receiptSchema, read.jws.payload)
  if (!parsed.success) return refusal('receipt_malformed', 'the receipt does not say what a receipt says')
  const receipt = parsed.output
  const problems: Problem[] = []
  if (!isReceiptFor(receipt, expected)) {
    problems.push({ code: 'receipt_of_another', message: 'the receipt is for something else' })
  }
  const signature = await problemOfSignature(checks, expected.iss, read.jws)
  if (signature) problems.push(signature)
  if (problems.length > 0) return refusals(problems)
  return { ok: true, receipt, hash: receiptHash(checks.cryptography, read.jws.signed) }
}

function isReceiptFor(receipt: Receipt, expected: Omit<Receipt, 'v' | 'iat'>): boolean {
  const { v: _version, iat: _time, ...said } = receipt
  const { iss, relationship, contract, presentation, n, previous } = expected
  return isSameValue(said, { iss, relationship, contract, presentation, n, previous })
}

async function problemOfSignature(
  { cryptography, resolver }: ReceiptChecks,
  did: Did,
  jws: ParsedJws,
): Promise<Problem | undefined> {
  try {
    const { keys } = await resolver.resolve(did)
    const key = keys.find(({ id, purposes }) => id === jws.kid && purposes.includes('assertionMethod'))
    if (!key) return { code: 'receipt_key', message: 'the receipt is signed with a key that is not theirs' }
    if (isSignedBy(cryptography, jws, key.publicKey)) return undefined
    return { code: 'receipt_signature', message: 'the signature of the receipt is wrong' }
  } catch (error) {
    if (!isMunimentError(error, 'ERR_DID_UNRESOLVED')) throw error
    return { code: 'receipt_key', message: 'the organisation’s keys could not be found' }
  }
}

/** The presentation that a receipt says it is for, before anything about it was verified. */
export function receiptPresentation(jws: string): string | undefined {
  const read = parseJws(jws, RECEIPT_JWS_TYPE, 'receipt')
  if (!read.ok) return undefined
  const parsed = v.safeParse(receiptSchema, read.jws.payload)
  return parsed.success ? parsed.output.presentation : undefined
}

/** A receipt's name in the next one: a hash over what its JWS signs, without the signature (protocol rule 13). */
export function receiptHash(cryptography: Cryptography, signed: Uint8Array): string {
  return base64url(hashInDomain(cryptography, 'muniment/receipt/1', signed))
}
