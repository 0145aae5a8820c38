import {
  type Cryptography,
  isMunimentError,
  type Outcome,
  type Problem,
  type PublicKey,
} from '@muniment/interface'
import type { JsonObject } from '../../jose/json.ts'
import { headerProblems, type JwsHeader, type ParsedJws, parseJws, verifyJws } from '../../jose/jws.ts'
import { type CompactParts, splitCompact } from './compact.ts'
import { type Disclosure, parseDisclosure } from './disclosure.ts'
import { type ConcretePath, processPayload } from './process-payload.ts'
import { validityProblems } from './validity.ts'
import { checkKeyBinding, type ExpectedBinding, type KeyBinding } from './verify-key-binding.ts'

/** What checking a token needs of its surroundings. */
export interface VerifyComponents {
  readonly cryptography: Cryptography
}

/** What the verifier expects. Nothing has a default: leaving a check out is a decision that is written down. */
export interface VerifyOptions {
  /** The issuer's key; `undefined` when the issuer is not known, which is the problem `issuer_unknown`. */
  readonly issuerKey: PublicKey | undefined
  /** The time of the check, Unix seconds. */
  readonly at: number
  /**
   * `'none'`: the credential itself is checked; a key-binding JWT that comes along must still be the holder's and
   * cover what is presented. Otherwise one is required, for this audience, nonce and transaction data.
   */
  readonly keyBinding: 'none' | RequiredBinding
}

/** What a required key binding must be for. */
export interface RequiredBinding {
  readonly audience: string
  readonly nonce: string
  /** The items of transaction data of the request, exactly as sent; empty when it had none. */
  readonly transactionData: readonly string[]
}

/** What a token says, once everything about it was found good. */
export interface VerifiedSdJwt {
  /** The processed payload: what is signed in the open and what was disclosed. */
  readonly claims: JsonObject
  /** The payload as signed, with digests. */
  readonly payload: JsonObject
  readonly header: JwsHeader
  /** Where in `claims` the disclosed values stand. */
  readonly disclosedPaths: readonly ConcretePath[]
  /** Absent when the token carries no key-binding JWT. */
  readonly keyBinding?: KeyBinding
}

/** Further rules of a format above plain SD-JWT. */
export type FurtherRules = (token: Omit<VerifiedSdJwt, 'keyBinding'>) => readonly Problem[]

/** {@link VerifyOptions} for callers inside the engine, which may compare less. */
export interface Expectations {
  readonly issuerKey: PublicKey | undefined
  readonly at: number
  /** Whether a key-binding JWT must be there, and what it is compared with when it is. */
  readonly isBindingRequired: boolean
  readonly binding: ExpectedBinding
  readonly furtherRules: FurtherRules
}

/**
 * Verifies an SD-JWT or SD-JWT+KB in compact serialisation (RFC 9901, sections 7.1 and 7.3) and gives what it says, or
 * every reason against it. It never throws for anything in the token.
 *
 * An ES256 signature has a twin, (r, n−s), that verifies as well: so a copy of a token with other bytes can be good.
 * Whoever guards against replays consumes (audience, nonce) and never remembers signatures (protocol rule 13).
 */
export function verifySdJwt(
  token: string,
  components: VerifyComponents,
  options: VerifyOptions,
): Outcome<VerifiedSdJwt> {
  return verifyWithRules(
    token,
    components,
    expectationsOf(options, () => []),
  )
}

/** What a caller's options mean for the engine. */
export function expectationsOf(options: VerifyOptions, furtherRules: FurtherRules): Expectations {
  const { issuerKey, at, keyBinding } = options
  return keyBinding === 'none'
    ? { issuerKey, at, isBindingRequired: false, binding: {}, furtherRules }
    : { issuerKey, at, isBindingRequired: true, binding: { ...keyBinding, at }, furtherRules }
}

/** The steps of verification (RFC 9901, sections 7.1 and 7.3). Nothing is given out before all of them were taken. */
export function verifyWithRules(
  token: string,
  { cryptography }: VerifyComponents,
  expectations: Expectations,
): Outcome<VerifiedSdJwt> {
  const problems: Problem[] = []
  const parsed = collecting(problems, 'malformed', () => readParts(token))
  if (!parsed) return { ok: false, problems }
  const { parts, jws, keyBindingJws } = parsed
  const { header, payload } = jws

  problems.push(...hashAlgorithmProblems(payload))
  const disclosures = readDisclosures(cryptography, parts.disclosures, problems)
  const processed = processPayload(payload, disclosures)
  const { claims, placed } = processed
  problems.push(...processed.problems, ...validityProblems(claims, expectations.at))
  const disclosedPaths = placed.map(({ path }) => path)
  const verified = { claims, payload, header, disclosedPaths }
  problems.push(...expectations.furtherRules(verified))

  const { presentation } = parts
  const context = { cryptography, claims, presentation, expected: expectations.binding }
  const keyBinding = keyBindingJws && checkKeyBinding(keyBindingJws, context, problems)
  if (!keyBindingJws && expectations.isBindingRequired) problems.push(BINDING_MISSING)
  // Both signatures are checked one after the other: each check drives everything else out of the processor's cache.
  problems.unshift(...issuerProblems(cryptography, jws, expectations.issuerKey))
  if (problems.length > 0) return { ok: false, problems: withoutRepeats(problems) }
  return { ok: true, ...verified, ...(keyBinding ? { keyBinding } : {}) }
}

interface ReadParts {
  readonly parts: CompactParts
  readonly jws: ParsedJws
  readonly keyBindingJws: ParsedJws | undefined
}

function readParts(token: string): ReadParts {
  const parts = splitCompact(token)
  const { keyBindingJwt } = parts
  const keyBindingJws = keyBindingJwt === undefined ? undefined : parseJws(keyBindingJwt)
  return { parts, jws: parseJws(parts.issuerJwt), keyBindingJws }
}

/** The disclosures up to the first that cannot be read: what follows could at best be unreferenced as well. */
function readDisclosures(
  cryptography: Cryptography,
  encoded: readonly string[],
  problems: Problem[],
): readonly Disclosure[] {
  const disclosures: Disclosure[] = []
  collecting(problems, 'disclosure_malformed', () => {
    for (const text of encoded) disclosures.push(parseDisclosure(cryptography, text))
  })
  return disclosures
}

/** RFC 9901, section 7.1, step 2, a to c. A key-binding JWT is never taken for a credential (RFC 8725, section 3.11). */
function issuerProblems(
  cryptography: Cryptography,
  jws: ParsedJws,
  issuerKey: PublicKey | undefined,
): Problem[] {
  const { typ } = jws.header
  const problems: Problem[] = []
  if ((typ !== undefined && typeof typ !== 'string') || typ === 'kb+jwt') problems.push(TYPE)
  if (!issuerKey) return [...problems, ISSUER_UNKNOWN]
  problems.push(...headerProblems(jws.header, issuerKey, HEADER_CODES))
  if (!verifyJws(cryptography, jws, issuerKey)) problems.push(SIGNATURE)
  return problems
}

/** Step 2.d: SHA-256 and nothing else; absent means SHA-256 (section 4.1.1). */
function hashAlgorithmProblems(payload: JsonObject): readonly Problem[] {
  const algorithm = payload['_sd_alg']
  return algorithm === undefined || algorithm === 'sha-256' ? [] : [HASH_ALGORITHM]
}

/** What `read` gives, or `undefined` and its reason among the problems. */
function collecting<T>(problems: Problem[], code: string, read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isMunimentError(error, 'ERR_MALFORMED')) problems.push({ code, message: sentence(error.message) })
    else if (isMunimentError(error, 'ERR_UNSUPPORTED')) {
      problems.push({ code: 'unsupported_format', message: sentence(error.message) })
    } else throw error
    return undefined
  }
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`
}

function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problem.code, problem])).values()]
}

const HEADER_CODES = { algorithm: 'algorithm', critical: 'header_critical' }
const TYPE = { code: 'typ', message: 'The token is of a type that is no credential.' }
const SIGNATURE = {
  code: 'issuer_signature',
  message: 'The credential is not signed with the key of the issuer.',
}
const ISSUER_UNKNOWN = { code: 'issuer_unknown', message: 'The issuer, or its key, is not known.' }
const HASH_ALGORITHM = {
  code: 'hash_algorithm',
  message: 'The digests are made with a hash algorithm that is not accepted.',
}
const BINDING_MISSING = {
  code: 'key_binding_missing',
  message: 'The presentation is not signed by its holder.',
}
