import { type Cryptography, MunimentError } from '@muniment/interface'
import { base64urlToBinary, textOfBinary, textToBase64url } from '../../jose/base64url-text.ts'
import { isJsonArray, type JsonValue } from '../../jose/json.ts'
import { parseStrictJson } from '../../jose/strict-json.ts'

/** A disclosure as it stands in a token (RFC 9901, section 4.2). */
export interface Disclosure {
  /** The base64url text, which is what is hashed and sent. */
  readonly encoded: string
  /** Its digest (RFC 9901, section 4.2.3). */
  readonly digest: string
  readonly salt: string
  /** The claim's name; absent for an element of an array. */
  readonly name?: string
  readonly value: JsonValue
}

/**
 * Reads a disclosure: an array of salt, name and value for a claim, of salt and value for an element of an array
 * (RFC 9901, sections 4.2.1 and 4.2.2). Throws `ERR_MALFORMED`.
 */
export function parseDisclosure(cryptography: Cryptography, encoded: string): Disclosure {
  const binary = base64urlToBinary(encoded)
  const parts = partsOfPlainClaim(binary) ?? parseStrictJson(textOfBinary(binary))
  if (!isJsonArray(parts)) throw malformed('a disclosure is not a JSON array')
  const salt = parts[0]
  const second = parts[1]
  const third = parts[2]
  if (typeof salt !== 'string') throw malformed('the salt of a disclosure is not a text')
  const digest = cryptography.sha256Base64url(encoded)
  if (parts.length === 2 && second !== undefined) return { encoded, digest, salt, value: second }
  if (parts.length !== 3 || third === undefined) throw malformed('a disclosure has two or three elements')
  if (typeof second !== 'string') throw malformed('the claim name of a disclosure is not a text')
  return { encoded, digest, salt, name: second, value: third }
}

/**
 * `["salt", "name", "value"]` in printable ASCII without a backslash, with at most one space after a comma: what most
 * disclosures are. In such JSON every text stands as it is meant.
 */
const PLAIN_CLAIM =
  /^\["([\x20\x21\x23-\x5b\x5d-\x7e]*)", ?"([\x20\x21\x23-\x5b\x5d-\x7e]*)", ?"([\x20\x21\x23-\x5b\x5d-\x7e]*)"\]$/

/** Reads a plain claim; `undefined` is for the parser. Where this gives an answer, the parser gives the same. */
function partsOfPlainClaim(json: string): readonly JsonValue[] | undefined {
  const match = PLAIN_CLAIM.exec(json)
  return match ? [match[1] ?? '', match[2] ?? '', match[3] ?? ''] : undefined
}

/** Makes the disclosure of a claim, or with `name` undefined of an element of an array. */
export function encodeDisclosure(salt: string, name: string | undefined, value: JsonValue): string {
  return textToBase64url(JSON.stringify(name === undefined ? [salt, value] : [salt, name, value]))
}

function malformed(message: string): MunimentError {
  return new MunimentError('ERR_MALFORMED', message)
}
