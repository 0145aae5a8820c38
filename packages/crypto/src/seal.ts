import { type Cryptography, MunimentError, type Random } from '@muniment/interface'
import { concat } from './bytes.ts'
import { pad, unpad } from './padding.ts'

/** Bytes of a key. */
export const KEY_LENGTH = 32
/** Bytes of a nonce: 192 bits, so that random ones never repeat (protocol rule 3). */
export const NONCE_LENGTH = 24
const TAG_LENGTH = 16
const BLOCK = 16
/** Bytes that sealing adds to what was padded. */
export const SEAL_OVERHEAD: number = NONCE_LENGTH + TAG_LENGTH

/** What sealing needs of its surroundings. */
export interface SealComponents {
  readonly cryptography: Cryptography
  readonly random: Random
}

/**
 * Seals bytes with XAES-256-GCM (C2SP): a key derived for this one message from a random 192-bit nonce, then AES-256-GCM
 * with the associated data bound in. The plaintext is padded to its Padmé bucket first. Gives nonce ∥ ciphertext ∥ tag.
 */
export function seal(
  components: SealComponents,
  key: Uint8Array,
  plaintext: Uint8Array,
  associated: Uint8Array,
): Uint8Array {
  const { cryptography, random } = components
  const nonce = random(NONCE_LENGTH)
  const messageKey = deriveMessageKey(cryptography, key, nonce)
  const sealed = cryptography.aes256GcmSeal(messageKey, nonce.subarray(12), pad(plaintext), associated)
  return concat(nonce, sealed)
}

/** Opens what {@link seal} made; throws `ERR_SEAL_OPEN` when key, associated data or bytes are wrong. */
export function open(
  cryptography: Cryptography,
  key: Uint8Array,
  sealed: Uint8Array,
  associated: Uint8Array,
): Uint8Array {
  if (sealed.length >= SEAL_OVERHEAD) {
    const nonce = sealed.subarray(0, NONCE_LENGTH)
    const messageKey = deriveMessageKey(cryptography, key, nonce)
    const padded = cryptography.aes256GcmOpen(
      messageKey,
      nonce.subarray(12),
      sealed.subarray(NONCE_LENGTH),
      associated,
    )
    if (padded) return unpad(padded)
  }
  throw new MunimentError('ERR_SEAL_OPEN', 'these sealed bytes do not open with this key at this place')
}

/** XAES-256-GCM, key derivation: AES-CMAC in counter mode (NIST SP 800-108r1) over the first half of the nonce. */
export function deriveMessageKey(cryptography: Cryptography, key: Uint8Array, nonce: Uint8Array): Uint8Array {
  if (key.length !== KEY_LENGTH) throw new MunimentError('ERR_INVALID_ARGUMENT', 'a sealing key has 32 bytes')
  const subkey = doubled(cryptography.aes256Block(key, new Uint8Array(BLOCK)))
  const message = new Uint8Array(BLOCK)
  message.set([0, 0, 0x58, 0])
  message.set(nonce.subarray(0, 12), 4)
  const derived = new Uint8Array(KEY_LENGTH)
  for (const counter of [1, 2]) {
    message[1] = counter
    const block = message.map((byte, index) => byte ^ (subkey[index] ?? 0))
    derived.set(cryptography.aes256Block(key, block), (counter - 1) * BLOCK)
  }
  return derived
}

/** Doubling in GF(2^128), as in AES-CMAC (RFC 4493, section 2.3). */
function doubled(block: Uint8Array): Uint8Array {
  const out = block.map((byte, index) => ((byte << 1) | ((block[index + 1] ?? 0) >> 7)) & 0xff)
  if ((block[0] ?? 0) & 0x80) out[BLOCK - 1] = (out[BLOCK - 1] ?? 0) ^ 0x87
  return out
}
