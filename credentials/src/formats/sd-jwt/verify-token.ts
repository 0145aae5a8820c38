import { publicKeyFromJwk } from '@muniment/identity'
import { MunimentError, type Problem, type PublicKey } from '@muniment/interface'
import type { JsonObject } from '../../jose/json.ts'
import { SD_JWT_VC_TYPES } from './constants.ts'
import { type FurtherRules, type VerifyComponents, verifyWithRules } from './verify.ts'
import { credentialProblems } from './verify-vc.ts'

/** What `muniment credential verify` is asked. */
export interface TokenQuestion {
  /** The token as it was read; line ends after it are not part of it. */
  readonly token: string
  /** The issuer's key as a JWK. A private key will do: only its public members are used. */
  readonly issuerJwk: unknown
  readonly audience?: string | undefined
  readonly nonce?: string | undefined
  /** The time of the check, Unix seconds. */
  readonly at: number
}

/** What `muniment credential verify --json` prints. */
export interface TokenAnswer {
  readonly ok: boolean
  readonly problems: readonly Problem[]
  /** The processed payload; `null` when the token is not good, so that nobody uses it by accident. */
  readonly claims: JsonObject | null
}

/**
 * Verifies a token for the command. A token of type `dc+sd-jwt` or `vc+sd-jwt` must also keep the rules of SD-JWT VC.
 * With an audience or a nonce, key binding is required and made just now. With neither, it is not required, but a
 * key-binding JWT that is there must be signed by the holder and cover what is presented.
 *
 * Throws `ERR_INVALID_ARGUMENT` when the issuer's key or the time is not usable; nothing in the token makes it throw.
 */
export function verifyToken(question: TokenQuestion, components: VerifyComponents): TokenAnswer {
  const { audience, nonce, at } = question
  const issuerKey = publicPart(question.issuerJwk)
  if (!Number.isFinite(at))
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'the time is not a number of seconds')
  const isBindingRequired = audience !== undefined || nonce !== undefined
  const outcome = verifyWithRules(withoutLineEnds(question.token), components, {
    issuerKey,
    at,
    isBindingRequired,
    binding: { audience, nonce, at: isBindingRequired ? at : undefined },
    furtherRules: rulesOfItsType,
  })
  return outcome.ok
    ? { ok: true, problems: [], claims: outcome.claims }
    : { ok: false, problems: outcome.problems, claims: null }
}

const rulesOfItsType: FurtherRules = (token) => {
  const { typ } = token.header
  return typeof typ === 'string' && SD_JWT_VC_TYPES.includes(typ) ? credentialProblems(token) : []
}

function withoutLineEnds(text: string): string {
  let end = text.length
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--
  return text.slice(0, end)
}

function publicPart(jwk: unknown): PublicKey {
  try {
    const { d: _, ...publicMembers }: { d?: unknown } = Object(jwk)
    return publicKeyFromJwk(publicMembers)
  } catch (cause) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'this is not the JWK of an issuer', { cause })
  }
}
