import { concat } from '@muniment/crypto'
import { MunimentError, type PublicKey } from '@muniment/interface'
import { fromMultibase, toMultibase } from './multibase.ts'
import { compressPoint, decompressPoint } from './p256-point.ts'

/** Multicodec prefixes as varints: ed25519-pub is 0xed, p256-pub is 0x1200. */
const ED25519 = Uint8Array.of(0xed, 0x01)
const P256 = Uint8Array.of(0x80, 0x24)

/**
 * A key as a Multikey (W3C Controlled Identifiers 1.0, section 2.2.2): `z6Mk…` for Ed25519, `zDn…` for P-256.
 * Throws `ERR_MALFORMED` for a P-256 key that is not on the curve.
 */
export function multikeyFromPublicKey({ algorithm, bytes }: PublicKey): string {
  if (algorithm === 'ES256') return toMultibase(concat(P256, compressPoint(bytes)))
  if (bytes.length !== 32) throw notAMultikey()
  return toMultibase(concat(ED25519, bytes))
}

/** The key of a Multikey; throws `ERR_MALFORMED` for anything but an Ed25519 or a compressed P-256 key. */
export function publicKeyFromMultikey(text: string): PublicKey {
  const bytes = fromMultibase(text)
  const rest = bytes.subarray(2)
  if (bytes[0] === ED25519[0] && bytes[1] === ED25519[1] && rest.length === 32) {
    return { algorithm: 'Ed25519', bytes: rest }
  }
  if (bytes[0] === P256[0] && bytes[1] === P256[1])
    return { algorithm: 'ES256', bytes: decompressPoint(rest) }
  throw notAMultikey()
}

function notAMultikey(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'this is not the Multikey of an Ed25519 or P-256 public key')
}
