import type { Problem } from '@muniment/interface'
import type { JsonObject, JsonValue } from '../../jose/json.ts'
import { CLOCK_SKEW_SECONDS } from './constants.ts'

/** The claims about time of a JWT (RFC 7519, sections 4.1.4 to 4.1.6). */
const TIMES = ['exp', 'nbf', 'iat'] as const

/**
 * Why a JWT does not hold at a time: it expired, or is not valid yet (RFC 9901, section 7.1, step 6), within
 * {@link CLOCK_SKEW_SECONDS}. A time that is not a number is `malformed`.
 *
 * @param at - Unix seconds
 */
export function validityProblems(claims: JsonObject, at: number): Problem[] {
  const problems: Problem[] = []
  if (TIMES.some((name) => claims[name] !== undefined && typeof claims[name] !== 'number')) {
    problems.push({ code: 'malformed', message: 'A time in the token is not a number.' })
  }
  const { exp, nbf, iat } = claims
  if (typeof exp === 'number' && at >= exp + CLOCK_SKEW_SECONDS) {
    problems.push({ code: 'expired', message: 'The credential has expired.' })
  }
  if (isAhead(nbf, at) || isAhead(iat, at)) {
    problems.push({ code: 'not_yet_valid', message: 'The credential is not valid yet.' })
  }
  return problems
}

/** True for a time that lies in the future by more than clocks may differ. */
export function isAhead(time: JsonValue | undefined, at: number): boolean {
  return typeof time === 'number' && at < time - CLOCK_SKEW_SECONDS
}
