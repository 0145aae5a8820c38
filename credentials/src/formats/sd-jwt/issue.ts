import { base64url } from '@muniment/crypto'
import { type Cryptography, MunimentError, type Random, type Signer } from '@muniment/interface'
import { isJsonArray, type JsonObject, type JsonValue } from '../../jose/json.ts'
import { signJws } from '../../jose/jws.ts'
import type { ClaimPath } from './claim-path.ts'
import { type ConcealmentPlan, planConcealment } from './concealment-plan.ts'
import { SALT_LENGTH } from './constants.ts'
import { encodeDisclosure } from './disclosure.ts'
import { refuseUnissuable } from './issuable.ts'

/** What issuing needs of its surroundings. */
export interface IssueComponents {
  readonly cryptography: Cryptography
  readonly random: Random
  /** The issuer's key. */
  readonly signer: Signer
}

/** An SD-JWT to be issued. */
export interface SdJwtDraft {
  /** All claims in the open. `_sd`, `_sd_alg`, `...` and `__proto__` are refused as names, at any depth. */
  readonly payload: JsonObject
  /**
   * Each path becomes a disclosure of its own. A path below another makes a recursive disclosure; `null` stands for
   * every element of an array.
   */
  readonly disclosable?: readonly ClaimPath[]
  /** Digests without a disclosure that are added at the top level, to hide how many claims there are. Default 0. */
  readonly decoys?: number
  /** Members of the header beside `alg`, such as `typ`, `kid`, `jwk`, `x5c`. */
  readonly header?: JsonObject
}

/**
 * Issues an SD-JWT (RFC 9901, section 4) in compact serialisation, with all its disclosures: `jwt~d1~…~dn~`. Every
 * disclosure has a fresh salt of 128 bits. Throws `ERR_INVALID_ARGUMENT` for what cannot be issued: reserved names,
 * values that are not JSON, paths to nothing.
 */
export async function issueSdJwt(components: IssueComponents, draft: SdJwtDraft): Promise<string> {
  const { cryptography, random, signer } = components
  const { payload, disclosable = [], decoys = 0, header = {} } = draft
  refuseUnissuable(payload)
  const { plan, count } = planConcealment(payload, disclosable)
  const salts = saltsOf(random, count + decoys)
  const issuing: Issuing = { cryptography, salts, disclosures: [] }
  const concealed = concealMembers(issuing, payload, plan)
  for (let left = decoys; left > 0; left--)
    concealed.digests.push(cryptography.sha256Base64url(nextSalt(issuing)))
  const signed = { ...withDigests(concealed), _sd_alg: 'sha-256' }
  const jwt = await signJws(signer, header, signed)
  return [jwt, ...issuing.disclosures, ''].join('~')
}

interface Issuing {
  readonly cryptography: Cryptography
  /** Used from the end. */
  readonly salts: string[]
  readonly disclosures: string[]
}

interface Concealed {
  readonly open: Record<string, JsonValue>
  readonly digests: string[]
}

/** One call for all salts: the random source costs the same for 16 bytes as for a thousand. */
function saltsOf(random: Random, count: number): string[] {
  const bytes = random(count * SALT_LENGTH)
  return Array.from({ length: count }, (_, index) =>
    base64url(bytes.subarray(index * SALT_LENGTH, (index + 1) * SALT_LENGTH)),
  )
}

function nextSalt({ salts }: Issuing): string {
  const salt = salts.pop()
  if (salt === undefined)
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'there are fewer salts than disclosures')
  return salt
}

function conceal(issuing: Issuing, value: JsonValue, plan: ConcealmentPlan | undefined): JsonValue {
  if (plan === undefined || plan.children.size === 0 || typeof value !== 'object' || value === null)
    return value
  if (isJsonArray(value)) return concealElements(issuing, value, plan)
  return withDigests(concealMembers(issuing, value, plan))
}

function concealMembers(issuing: Issuing, source: JsonObject, plan: ConcealmentPlan): Concealed {
  const open: Record<string, JsonValue> = {}
  const digests: string[] = []
  for (const [name, member] of Object.entries(source)) {
    const branch = plan.children.get(name)
    const value = conceal(issuing, member, branch)
    if (branch?.isDisclosable) digests.push(disclose(issuing, name, value))
    else open[name] = value
  }
  return { open, digests }
}

function concealElements(
  issuing: Issuing,
  source: readonly JsonValue[],
  plan: ConcealmentPlan,
): readonly JsonValue[] {
  return source.map((element, index) => {
    const branch = plan.children.get(index)
    const value = conceal(issuing, element, branch)
    return branch?.isDisclosable ? { '...': disclose(issuing, undefined, value) } : value
  })
}

/** Makes a disclosure and gives its digest. */
function disclose(issuing: Issuing, name: string | undefined, value: JsonValue): string {
  const encoded = encodeDisclosure(nextSalt(issuing), name, value)
  issuing.disclosures.push(encoded)
  return issuing.cryptography.sha256Base64url(encoded)
}

/** Sorted, so that the order of the claims is hidden (RFC 9901, section 4.2.4.1). */
function withDigests({ open, digests }: Concealed): JsonObject {
  return digests.length === 0 ? open : { _sd: digests.sort(), ...open }
}
