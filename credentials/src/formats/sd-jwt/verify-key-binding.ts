import type { Cryptography, Problem, PublicKey } from '@muniment/interface'
import { isJsonArray, type JsonObject } from '../../jose/json.ts'
import { headerProblems, type JwsHeader, type ParsedJws, verifyJws } from '../../jose/jws.ts'
import { CLOCK_SKEW_SECONDS, KEY_BINDING_MAX_AGE_SECONDS } from './constants.ts'
import { keyOfConfirmation } from './parse.ts'
import { sdHash, transactionDataHash } from './sd-hash.ts'
import { isAhead } from './validity.ts'

/** What a verifier expects of a key-binding JWT. What is absent is not compared. */
export interface ExpectedBinding {
  readonly audience?: string | undefined
  readonly nonce?: string | undefined
  /** The items of transaction data of the request, exactly as sent; empty when the request had none. */
  readonly transactionData?: readonly string[] | undefined
  /** The time of the check, Unix seconds. Absent: the age is not checked, as for a presentation out of an archive. */
  readonly at?: number | undefined
}

/** A key-binding JWT that was read. */
export interface KeyBinding {
  readonly header: JwsHeader
  readonly payload: JsonObject
  /** The key that the issuer put into `cnf`. */
  readonly holderKey: PublicKey
}

/** What the key-binding JWT is held against. */
export interface BindingContext {
  readonly cryptography: Cryptography
  /** The processed claims, for `cnf`. */
  readonly claims: JsonObject
  /** What `sd_hash` covers. */
  readonly presentation: string
  readonly expected: ExpectedBinding
}

const HEADER_CODES = { algorithm: 'key_binding_algorithm', critical: 'key_binding_header' }

/**
 * Checks a key-binding JWT (RFC 9901, section 7.3, step 5, a to h) and adds every problem to `problems`. Gives the
 * binding when the holder's key could be determined; it counts only when no problem was added.
 */
export function checkKeyBinding(
  jws: ParsedJws,
  context: BindingContext,
  problems: Problem[],
): KeyBinding | undefined {
  const { header, payload } = jws
  const { cryptography } = context
  refuseUnless(header['typ'] === 'kb+jwt', problems, TYPE)
  problems.push(...payloadProblems(payload, context))
  const holderKey = keyOfConfirmation(context.claims)
  if (!holderKey) {
    problems.push(KEY)
    return undefined
  }
  problems.push(...headerProblems(header, holderKey, HEADER_CODES))
  refuseUnless(verifyJws(cryptography, jws, holderKey), problems, SIGNATURE)
  return { header, payload, holderKey }
}

function payloadProblems(payload: JsonObject, context: BindingContext): Problem[] {
  const { cryptography, presentation, expected } = context
  const { audience, nonce, transactionData, at } = expected
  const problems: Problem[] = []
  refuseUnless(isExpectedText(payload['aud'], audience), problems, AUDIENCE)
  refuseUnless(isExpectedText(payload['nonce'], nonce), problems, NONCE)
  refuseUnless(payload['sd_hash'] === sdHash(cryptography, presentation), problems, SD_HASH)
  refuseUnless(hasGoodTimes(payload, at), problems, TIME)
  if (transactionData !== undefined) {
    refuseUnless(hasTransactionData(cryptography, payload, transactionData), problems, TRANSACTION_DATA)
  }
  return problems
}

function isExpectedText(value: unknown, expected: string | undefined): boolean {
  return typeof value === 'string' && (expected === undefined || value === expected)
}

/** Step 5.e, and of step 5.h `exp` and `nbf`, should a wallet have set them. */
function hasGoodTimes(payload: JsonObject, at: number | undefined): boolean {
  const [iat, exp, nbf] = ['iat', 'exp', 'nbf'].map((name) => payload[name])
  if (typeof iat !== 'number') return false
  if ([exp, nbf].some((time) => time !== undefined && typeof time !== 'number')) return false
  if (at === undefined) return true
  const isFresh = !isAhead(iat, at) && at - iat <= KEY_BINDING_MAX_AGE_SECONDS
  const isExpired = typeof exp === 'number' && at >= exp + CLOCK_SKEW_SECONDS
  return isFresh && !isExpired && !isAhead(nbf, at)
}

/** OpenID4VP 1.0, appendix B.3.3.1: one hash for each item, in their order. Without items there are no hashes. */
function hasTransactionData(
  cryptography: Cryptography,
  payload: JsonObject,
  items: readonly string[],
): boolean {
  const hashes = payload['transaction_data_hashes']
  const algorithm = payload['transaction_data_hashes_alg']
  if (items.length === 0) return hashes === undefined
  return (
    isJsonArray(hashes) &&
    hashes.length === items.length &&
    (algorithm === undefined || algorithm === 'sha-256') &&
    items.every((item, index) => hashes[index] === transactionDataHash(cryptography, item))
  )
}

function refuseUnless(isGood: boolean, problems: Problem[], problem: Problem): void {
  if (!isGood) problems.push(problem)
}

const TYPE = { code: 'key_binding_type', message: 'The key binding is not a token of type kb+jwt.' }
const KEY = {
  code: 'key_binding_key',
  message: 'The credential names no key of its holder that can be used.',
}
const SIGNATURE = {
  code: 'key_binding_signature',
  message: 'The key binding is not signed with the key of the holder.',
}
const AUDIENCE = { code: 'key_binding_audience', message: 'The presentation was made for another verifier.' }
const NONCE = { code: 'key_binding_nonce', message: 'The presentation answers another request.' }
const TIME = { code: 'key_binding_time', message: 'The presentation was not made just now.' }
const SD_HASH = {
  code: 'sd_hash',
  message: 'What is presented is not what the holder signed.',
}
const TRANSACTION_DATA = {
  code: 'transaction_data',
  message: 'The holder signed for other transaction data than the request had.',
}
