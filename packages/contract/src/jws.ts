import { base64url, fromBase64url, fromUtf8, utf8 } from '@muniment/crypto'
import {
  type Cryptography,
  MunimentError,
  type Outcome,
  type PublicKey,
  type Signer,
} from '@muniment/interface'
import * as v from 'valibot'
import { ifWellFormed, refusal } from './outcome.ts'

const ALGORITHMS = { ES256: 'ES256', EdDSA: 'Ed25519' } as const
const SIGNATURE_LENGTH = 64

/** A JWS in compact form (RFC 7515), read but not yet verified. */
export interface ParsedJws {
  readonly algorithm: PublicKey['algorithm']
  /** The DID URL of the key. */
  readonly kid: string
  readonly payload: unknown
  readonly signature: Uint8Array
  /** The bytes that the signature covers: header and payload, never the signature. */
  readonly signed: Uint8Array
}

const headerSchema = v.strictObject({
  alg: v.picklist(['ES256', 'EdDSA']),
  typ: v.string(),
  kid: v.pipe(v.string(), v.maxLength(5000)),
})

/** Signs a JSON payload as a compact JWS. `payload` is written as it stands, so its members keep their order. */
export async function signJws(signer: Signer, typ: string, kid: string, payload: object): Promise<string> {
  const alg = signer.publicKey.algorithm === 'ES256' ? 'ES256' : 'EdDSA'
  const signed = `${encodeJson({ alg, typ, kid })}.${encodeJson(payload)}`
  return `${signed}.${base64url(await signer.sign(utf8(signed)))}`
}

/**
 * Reads a compact JWS of the given type. Refuses with `<prefix>_malformed`, `_unsigned` (`alg: none`, no signature, or
 * bare JSON), `_wrong_type`, `_algorithm`. Header members other than alg, typ and kid are refused (RFC 7515, section 4.1.11).
 */
export function parseJws(text: string, typ: string, prefix: string): Outcome<{ jws: ParsedJws }> {
  if (text.trimStart().startsWith('{')) return refusal(`${prefix}_unsigned`, 'it is not signed')
  const { header, payload, signature, signed } = splitJws(text)
  const isRead = header !== undefined && payload !== undefined && signature !== undefined
  if (isUnsigned(header) || (isRead && signature.length === 0)) {
    return refusal(`${prefix}_unsigned`, 'it is not signed')
  }
  if (!isRead || signature.length !== SIGNATURE_LENGTH) {
    return refusal(`${prefix}_malformed`, 'it is not a signed document in compact form')
  }
  const read = readHeader(header, typ, prefix)
  if (!read.ok) return read
  const { algorithm, kid } = read
  return { ok: true, jws: { algorithm, kid, payload, signature, signed } }
}

/** The three parts; `undefined` for one that cannot be read. */
function splitJws(text: string): {
  readonly header: unknown
  readonly payload: unknown
  readonly signature: Uint8Array | undefined
  readonly signed: Uint8Array
} {
  const [head = '', body = '', tail = '', ...more] = text.split('.')
  return {
    header: ifWellFormed(() => decodeJson(head)),
    payload: ifWellFormed(() => decodeJson(body)),
    signature: more.length > 0 ? undefined : ifWellFormed(() => fromBase64url(tail)),
    signed: utf8(`${head}.${body}`),
  }
}

function readHeader(
  header: unknown,
  typ: string,
  prefix: string,
): Outcome<Pick<ParsedJws, 'algorithm' | 'kid'>> {
  const parsed = v.safeParse(headerSchema, header)
  if (!parsed.success) {
    const isAlgorithm = parsed.issues.some(({ path }) => path?.[0]?.key === 'alg')
    return isAlgorithm
      ? refusal(`${prefix}_algorithm`, 'it is signed in a way that is not accepted')
      : refusal(`${prefix}_malformed`, 'its header says more or less than it may')
  }
  if (parsed.output.typ !== typ)
    return refusal(`${prefix}_wrong_type`, 'it is a signed document of another kind')
  return { ok: true, algorithm: ALGORITHMS[parsed.output.alg], kid: parsed.output.kid }
}

/** True when the key made the JWS's signature, with the algorithm that its header names. */
export function isSignedBy(cryptography: Cryptography, jws: ParsedJws, key: PublicKey): boolean {
  return key.algorithm === jws.algorithm && cryptography.verify(key, jws.signed, jws.signature)
}

/** JSON in UTF-8 in base64url. */
export function encodeJson(value: object): string {
  return base64url(utf8(JSON.stringify(value)))
}

/** Reads what {@link encodeJson} made; throws `ERR_MALFORMED`. */
export function decodeJson(text: string): unknown {
  return parseJson(fromUtf8(fromBase64url(text)))
}

function isUnsigned(header: unknown): boolean {
  return v.is(v.object({ alg: v.pipe(v.string(), v.regex(/^none$/i)) }), header)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new MunimentError('ERR_MALFORMED', 'this text is not JSON', { cause })
  }
}
