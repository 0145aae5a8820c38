import { jwkThumbprint } from '@muniment/identity'
import type { Clock, Cryptography, Outcome, Problem, PublicKey } from '@muniment/interface'
import { COPY_LIFETIME_SECONDS, WEEK_SECONDS } from '../issuer/constants.ts'
import { type DisclosurePlace, disclosurePlaces } from '../formats/sd-jwt/disclosure-places.ts'
import { parseSdJwt, type SdJwt } from '../formats/sd-jwt/parse.ts'
import { verifySdJwtVc } from '../formats/sd-jwt/verify-vc.ts'
import type { JsonObject } from '../jose/json.ts'

/** Members of a token that are not what was certified. */
const TOKEN_MEMBERS: ReadonlySet<string> = new Set([
  'iss',
  'vct',
  'iat',
  'nbf',
  'exp',
  'cnf',
  'status',
  'jti',
  'sub',
  '_sd_alg',
])

/** A copy that was found good. */
export interface CheckedCopy {
  readonly token: string
  /** Which of the batch's keys it is bound to. */
  readonly keyIndex: number
  /** All its claims, disclosed. */
  readonly claims: JsonObject
  /** Unix seconds. */
  readonly expires: number
  /** Where its disclosures stand. */
  readonly places: readonly DisclosurePlace[]
}

/** A batch that was found good. */
export interface CheckedBatch {
  readonly copies: readonly CheckedCopy[]
  readonly vct: string
  readonly claims: JsonObject
}

/** What the copies are checked against. */
export interface BatchExpectations {
  readonly issuer: string
  readonly issuerKey: PublicKey
  /** The keys that proofs were made with. */
  readonly keys: readonly PublicKey[]
}

/**
 * Checks every copy before any is kept: signed by the issuer, bound to a key of this batch that no other copy has, the same
 * claims, header and dates in all, dates rounded to the week, a life of 14 days at most, no salt twice. Whatever would tell copies
 * apart lets verifiers join them (protocol rules 9 and 10). Problems: those of the SD-JWT engine, `copy_issuer`, `copy_key`,
 * `copy_differs`, `copy_dates`, `copy_salt`, `copy_missing`.
 */
export function checkBatch(
  { cryptography, clock }: { readonly cryptography: Cryptography; readonly clock: Clock },
  tokens: readonly string[],
  expected: BatchExpectations,
): Outcome<CheckedBatch> {
  const batch: Comparison = {
    cryptography,
    issuer: expected.issuer,
    open: new Map(expected.keys.map((key, index) => [jwkThumbprint(cryptography, key), index])),
    salts: new Set(),
    shapes: new Set(),
  }
  const at = Math.floor(clock.now() / 1000)
  const checked = tokens.map((token) => checkCopy(batch, token, { issuerKey: expected.issuerKey, at }))
  const problems = new Map(checked.flatMap((copy) => copy.problems).map((problem) => [problem.code, problem]))
  const copies = checked.flatMap(({ copy }) => copy ?? [])
  const [first] = copies
  if (!first || tokens.length !== expected.keys.length) problems.set(MISSING.code, MISSING)
  if (!first || problems.size > 0) return { ok: false, problems: [...problems.values()] }
  const { vct } = first.claims
  return { ok: true, copies, vct: typeof vct === 'string' ? vct : '', claims: certified(first.claims) }
}

function checkCopy(
  batch: Comparison,
  token: string,
  options: { readonly issuerKey: PublicKey; readonly at: number },
): { readonly problems: readonly Problem[]; readonly copy?: CheckedCopy } {
  const { cryptography } = batch
  const verified = verifySdJwtVc(token, { cryptography }, { ...options, keyBinding: 'none' })
  if (!verified.ok) return verified
  const sdJwt = parseSdJwt(cryptography, token)
  const keyIndex = takeKey(batch, sdJwt)
  const problems = compare(batch, sdJwt)
  if (keyIndex === undefined) return { problems: [...problems, KEY] }
  const { claims } = sdJwt
  return {
    problems,
    copy: { token, keyIndex, claims, expires: Number(claims['exp']), places: disclosurePlaces(token, sdJwt) },
  }
}

/** What was seen in the copies so far. */
interface Comparison {
  readonly cryptography: Cryptography
  readonly issuer: string
  /** Keys of the batch that no copy was bound to yet, by thumbprint. */
  readonly open: Map<string, number>
  readonly salts: Set<string>
  readonly shapes: Set<string>
}

function takeKey({ cryptography, open }: Comparison, { holderKey }: SdJwt): number | undefined {
  const name = holderKey && jwkThumbprint(cryptography, holderKey)
  const index = name === undefined ? undefined : open.get(name)
  if (name !== undefined) open.delete(name)
  return index
}

function compare(batch: Comparison, sdJwt: SdJwt): readonly Problem[] {
  const { claims, disclosures } = sdJwt
  const problems: Problem[] = []
  if (claims['iss'] !== batch.issuer) problems.push(ISSUER)
  if (!hasRoundDates(claims)) problems.push(DATES)
  for (const { salt } of disclosures) {
    if (batch.salts.has(salt)) problems.push(SALT)
    batch.salts.add(salt)
  }
  batch.shapes.add(JSON.stringify([sdJwt.header, shapeOf(claims), shapeOf(sdJwt.payload)]))
  if (batch.shapes.size > 1) problems.push(DIFFERS)
  return problems
}

function certified(claims: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !TOKEN_MEMBERS.has(name)))
}

function hasRoundDates({ iat, exp, nbf }: JsonObject): boolean {
  if (typeof iat !== 'number' || typeof exp !== 'number') return false
  if ([iat, exp, nbf ?? iat].some((date) => typeof date !== 'number' || date % WEEK_SECONDS !== 0))
    return false
  return exp - iat <= COPY_LIFETIME_SECONDS
}

/** Everything that copies must share: not the holder key, nor what digests are, but how many there are. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value !== 'object' || value === null) return value
  const members: [string, unknown][] = Object.entries(value)
  return members
    .filter(([name]) => name !== 'cnf')
    .map(
      ([name, member]) =>
        [name, name === '...' ? '' : name === '_sd' ? countOf(member) : shapeOf(member)] as const,
    )
    .sort(([left], [right]) => (left < right ? -1 : 1))
}

function countOf(digests: unknown): number {
  return Array.isArray(digests) ? digests.length : 0
}

const ISSUER = { code: 'copy_issuer', message: 'A copy names another issuer.' }
const KEY = { code: 'copy_key', message: 'A copy is not bound to a key of its own that was made for it.' }
const DATES = { code: 'copy_dates', message: 'The dates of a copy are not rounded, or it lives too long.' }
const SALT = { code: 'copy_salt', message: 'A salt stands in two copies.' }
const DIFFERS = { code: 'copy_differs', message: 'The copies say different things.' }
const MISSING = { code: 'copy_missing', message: 'There are more or fewer copies than were asked for.' }
