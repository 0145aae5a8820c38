import { base64url, concat, fromBase64url, utf8 } from '@muniment/crypto'
import { type Cryptography, MunimentError, type PublicKey } from '@muniment/interface'
import * as v from 'valibot'

/** A public key as a JSON Web Key (RFC 7517): P-256 (RFC 7518, section 6.2) or Ed25519 (RFC 8037). */
export type PublicJwk =
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }

const COORDINATE = 32

/** Members that only a private or symmetric key has (RFC 7518, section 6): their holder gave away too much. */
const noSecret = v.optional(v.never())
const secrets = {
  d: noSecret,
  p: noSecret,
  q: noSecret,
  dp: noSecret,
  dq: noSecret,
  qi: noSecret,
  oth: noSecret,
  k: noSecret,
}
const use = v.optional(v.literal('sig'))

const JWK = v.variant('kty', [
  v.object({
    kty: v.literal('EC'),
    crv: v.literal('P-256'),
    x: v.string(),
    y: v.string(),
    alg: v.optional(v.literal('ES256')),
    use,
    ...secrets,
  }),
  v.object({
    kty: v.literal('OKP'),
    crv: v.literal('Ed25519'),
    x: v.string(),
    alg: v.optional(v.picklist(['EdDSA', 'Ed25519'])),
    use,
    ...secrets,
  }),
])

/**
 * The key of a JWK. Members it does not know are ignored (RFC 7517, section 4); private members, a wrong `alg` or `use`,
 * and coordinates that are not 32 bytes of canonical base64url are refused with `ERR_MALFORMED`. That the point is on
 * the curve is checked by whoever verifies with it.
 */
export function publicKeyFromJwk(value: unknown): PublicKey {
  const parsed = v.safeParse(JWK, value)
  if (!parsed.success) throw notAKey()
  const jwk = parsed.output
  if (jwk.kty === 'OKP') return { algorithm: 'Ed25519', bytes: coordinate(jwk.x) }
  return { algorithm: 'ES256', bytes: concat(Uint8Array.of(4), coordinate(jwk.x), coordinate(jwk.y)) }
}

/** The JWK of a key, with the required members only. Throws `ERR_INVALID_ARGUMENT` for bytes that are not its algorithm's. */
export function jwkFromPublicKey({ algorithm, bytes }: PublicKey): PublicJwk {
  if (algorithm === 'Ed25519' && bytes.length === COORDINATE) {
    return { kty: 'OKP', crv: 'Ed25519', x: base64url(bytes) }
  }
  if (algorithm === 'ES256' && bytes.length === 65 && bytes[0] === 4) {
    return {
      kty: 'EC',
      crv: 'P-256',
      x: base64url(bytes.subarray(1, 33)),
      y: base64url(bytes.subarray(33)),
    }
  }
  throw new MunimentError('ERR_INVALID_ARGUMENT', 'this is not a public key of its algorithm')
}

/** The key's JWK thumbprint with SHA-256 (RFC 7638), in base64url: 43 characters. */
export function jwkThumbprint(cryptography: Cryptography, key: PublicKey): string {
  const jwk = jwkFromPublicKey(key)
  const members =
    jwk.kty === 'EC'
      ? { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }
      : { crv: jwk.crv, kty: jwk.kty, x: jwk.x }
  return base64url(cryptography.sha256(utf8(JSON.stringify(members))))
}

function coordinate(text: string): Uint8Array {
  const bytes = fromBase64url(text)
  if (bytes.length !== COORDINATE) throw notAKey()
  return bytes
}

function notAKey(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'this is not the JWK of an Ed25519 or P-256 public key')
}
