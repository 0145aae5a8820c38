import { MunimentError } from '@muniment/interface'
import { isJsonObject } from '../../jose/json.ts'
import { parseStrictJson } from '../../jose/strict-json.ts'
import { MAX_TOKEN_LENGTH } from './constants.ts'

/** The parts of an SD-JWT in compact serialisation (RFC 9901, section 4), still encoded. */
export interface CompactParts {
  readonly issuerJwt: string
  readonly disclosures: readonly string[]
  /** Absent when the token ends with `~`. */
  readonly keyBindingJwt: string | undefined
  /** Everything before the key-binding JWT, its last `~` included: what `sd_hash` covers (section 4.3.1). */
  readonly presentation: string
}

/**
 * Takes a compact SD-JWT apart. Throws `ERR_MALFORMED`, and `ERR_UNSUPPORTED` for the JSON serialisation (RFC 9901,
 * section 8), which is not read yet.
 */
export function splitCompact(token: string): CompactParts {
  if (token.length > MAX_TOKEN_LENGTH) throw malformed('the token is too long')
  const last = token.lastIndexOf('~')
  if (last === -1) {
    refuseJsonSerialisation(token)
    throw malformed(token === '' ? 'there is no token' : 'this is not an SD-JWT: it has no ~')
  }
  const [issuerJwt = '', ...disclosures] = token.slice(0, last).split('~')
  const keyBindingJwt = last === token.length - 1 ? undefined : token.slice(last + 1)
  return { issuerJwt, disclosures, keyBindingJwt, presentation: token.slice(0, last + 1) }
}

function refuseJsonSerialisation(token: string): void {
  if (!token.startsWith('{')) return
  const value = parseStrictJson(token)
  if (isJsonObject(value) && 'payload' in value && ('signature' in value || 'signatures' in value)) {
    throw new MunimentError('ERR_UNSUPPORTED', 'the JSON serialisation of SD-JWT is not read yet')
  }
}

function malformed(message: string): MunimentError {
  return new MunimentError('ERR_MALFORMED', message)
}
