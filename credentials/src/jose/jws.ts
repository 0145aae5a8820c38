import { fromBase64url, utf8 } from '@muniment/crypto'
import {
  type Cryptography,
  MunimentError,
  type Problem,
  type PublicKey,
  type SignatureAlgorithm,
  type Signer,
} from '@muniment/interface'
import { base64url } from '@muniment/crypto'
import { base64urlToText, textToBase64url } from './base64url-text.ts'
import { isJsonObject, type JsonObject } from './json.ts'
import { parseStrictJson } from './strict-json.ts'

/** The header of a JWS in compact serialisation (RFC 7515, section 4). */
export interface JwsHeader extends JsonObject {
  readonly alg: string
}

/** A compact JWS whose parts were read, but whose signature was not checked yet. */
export interface ParsedJws {
  readonly header: JwsHeader
  readonly payload: JsonObject
  /** What is signed: the first two parts with their dot. */
  readonly signingInput: string
  readonly signature: Uint8Array
}

/** Which `alg` values name a key's algorithm: RFC 7518 for ES256, RFC 8037 and RFC 9864 for Ed25519. */
const NAMES: Readonly<Record<SignatureAlgorithm, readonly string[]>> = {
  ES256: ['ES256'],
  Ed25519: ['EdDSA', 'Ed25519'],
}

/**
 * Reads a compact JWS (RFC 7515, section 7.1) strictly: three non-empty parts of canonical base64url, header and
 * payload JSON objects without repeated names. Throws `ERR_MALFORMED`.
 */
export function parseJws(compact: string): ParsedJws {
  const first = compact.indexOf('.')
  const second = compact.indexOf('.', first + 1)
  if (first < 1 || second <= first + 1) throw malformed('a token has three parts with dots between them')
  const header = parsePart(compact.slice(0, first))
  const payload = parsePart(compact.slice(first + 1, second))
  if (!isJwsHeader(header)) throw malformed('the header names no algorithm')
  const signature = fromBase64url(compact.slice(second + 1))
  return { header, payload, signingInput: compact.slice(0, second), signature }
}

function isJwsHeader(value: JsonObject): value is JwsHeader {
  return typeof value['alg'] === 'string'
}

function parsePart(encoded: string): JsonObject {
  const value = parseStrictJson(base64urlToText(encoded))
  if (!isJsonObject(value)) throw malformed('a part of the token is not a JSON object')
  return value
}

/**
 * Why the header does not fit the key: another algorithm than the key's own (RFC 8725, section 3.1; `none` and MACs
 * are never a key's own), or extensions marked critical, of which none is understood (RFC 7515, section 4.1.11).
 */
export function headerProblems(header: JwsHeader, key: PublicKey, codes: HeaderCodes): Problem[] {
  const problems: Problem[] = []
  if (!NAMES[key.algorithm].includes(header.alg)) {
    problems.push({ code: codes.algorithm, message: 'The signature algorithm is not the one of the key.' })
  }
  if (header['crit'] !== undefined || header['b64'] !== undefined) {
    problems.push({
      code: codes.critical,
      message: 'The header demands an extension that is not known here.',
    })
  }
  return problems
}

/** The codes under which {@link headerProblems} reports. */
export interface HeaderCodes {
  readonly algorithm: string
  readonly critical: string
}

/** True when the signature is the key's. The header is not looked at: see {@link headerProblems}. */
export function verifyJws(cryptography: Cryptography, jws: ParsedJws, key: PublicKey): boolean {
  return cryptography.verify(key, utf8(jws.signingInput), jws.signature)
}

/** The compact JWS of a payload; `alg` is the first member of the header and comes from the signer's key. */
export async function signJws(signer: Signer, header: JsonObject, payload: JsonObject): Promise<string> {
  const alg = signer.publicKey.algorithm === 'Ed25519' ? 'EdDSA' : 'ES256'
  const protectedHeader = textToBase64url(JSON.stringify({ ...header, alg }))
  const signingInput = `${protectedHeader}.${textToBase64url(JSON.stringify(payload))}`
  return `${signingInput}.${base64url(await signer.sign(utf8(signingInput)))}`
}

function malformed(message: string): MunimentError {
  return new MunimentError('ERR_MALFORMED', message)
}
