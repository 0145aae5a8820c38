import { MunimentError } from '@muniment/interface'
import * as v from 'valibot'
import { MAX_TOKEN_LENGTH } from '../formats/sd-jwt/constants.ts'
import { MAX_PRESENTATIONS } from './constants.ts'

/** An answer (OpenID4VP 1.0, section 8.1): by the id of each credential query, its presentations. */
export type VpToken = Readonly<Record<string, readonly string[]>>

const TOKEN = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_TOKEN_LENGTH))
const VP_TOKEN = v.pipe(
  v.unknown(),
  v.check((value) => !Array.isArray(value)),
  v.record(v.string(), v.pipe(v.array(TOKEN), v.minLength(1))),
  v.check((answer) => Object.values(answer).flat().length <= MAX_PRESENTATIONS),
)

/** Reads a `vp_token`; throws `ERR_MALFORMED`. */
export function parseVpToken(value: unknown): VpToken {
  const parsed = v.safeParse(VP_TOKEN, value)
  if (!parsed.success) throw new MunimentError('ERR_MALFORMED', 'this is not an answer to a request')
  return parsed.output
}
