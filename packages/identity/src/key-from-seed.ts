import { type KeyPair, MunimentError } from '@muniment/interface'
import { ed25519 } from '@noble/curves/ed25519.js'

/**
 * The Ed25519 key pair of a 32-byte seed (RFC 8032, section 5.1.5): the same seed gives the same keys, so a device keeps
 * one secret and derives the rest. Throws `ERR_INVALID_ARGUMENT` for another length.
 */
export function keyPairFromSeed(seed: Uint8Array): KeyPair {
  if (seed.length !== 32) throw new MunimentError('ERR_INVALID_ARGUMENT', 'an Ed25519 seed has 32 bytes')
  return { publicKey: { algorithm: 'Ed25519', bytes: ed25519.getPublicKey(seed) }, secretKey: seed }
}
