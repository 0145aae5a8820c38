import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hash,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { hashRaw } from '@node-rs/argon2'
import { base64url, fromBase64url } from '@muniment/crypto'
import {
  type Cryptography,
  type KeyPair,
  MunimentError,
  type PublicKey,
  type Random,
  type SignatureAlgorithm,
} from '@muniment/interface'
import { ecdsaFromDer, ecdsaToDer } from './ecdsa-der.ts'

/** Importing a key costs as much as verifying with it, so this many imported ones are kept. */
const MAX_CACHED_KEYS = 1024
const SIGNATURE_LENGTH = 64
const TAG_LENGTH = 16

const importedKeys = new Map<string, KeyObject>()

/** Random bytes from the operating system. */
export const nodeRandom: Random = (length) => new Uint8Array(randomBytes(length))

/**
 * The cryptography of Node.js (OpenSSL), and argon2id from a prebuilt native library. Keys go in as
 * key objects: with a key in bytes, Node takes four times as long to start a cipher or an HMAC. ECDSA signatures go in
 * and out as DER: asked for r ∥ s, Node takes twice as long to sign and half as long again to verify.
 */
export const nodeCryptography: Cryptography = {
  sha256: (...parts) => digest('sha256', parts),
  sha256Base64url: (text) => hash('sha256', text, 'base64url'),
  sha512: (...parts) => digest('sha512', parts),
  hmacSha256(key, ...parts) {
    const hmac = createHmac('sha256', createSecretKey(key))
    for (const part of parts) hmac.update(part)
    return new Uint8Array(hmac.digest())
  },
  hkdfSha256: (secret, salt, info, length) =>
    new Uint8Array(hkdfSync('sha256', createSecretKey(secret), salt, info, length)),
  aes256Block(key, block) {
    const cipher = createCipheriv('aes-256-ecb', createSecretKey(key), null).setAutoPadding(false)
    return new Uint8Array(cipher.update(block))
  },
  aes256GcmSeal(key, nonce, plaintext, associated) {
    const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce).setAAD(associated)
    const sealed = new Uint8Array(plaintext.length + TAG_LENGTH)
    sealed.set(cipher.update(plaintext))
    cipher.final()
    sealed.set(cipher.getAuthTag(), plaintext.length)
    return sealed
  },
  aes256GcmOpen(key, nonce, sealed, associated) {
    const end = sealed.length - TAG_LENGTH
    if (end < 0) return undefined
    const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), nonce, {
      authTagLength: TAG_LENGTH,
    })
    decipher.setAAD(associated).setAuthTag(sealed.subarray(end))
    const plaintext = decipher.update(sealed.subarray(0, end))
    try {
      decipher.final()
    } catch {
      return undefined
    }
    return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength)
  },
  generateKeyPair(algorithm) {
    const { privateKey } =
      algorithm === 'Ed25519'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = privateKey.export({ format: 'jwk' })
    return { publicKey: publicKeyOfJwk(algorithm, jwk), secretKey: fromBase64url(jwk.d ?? '') }
  },
  signer(keyPair) {
    const privateKey = importPrivateKey(keyPair)
    const isEd25519 = keyPair.publicKey.algorithm === 'Ed25519'
    return {
      publicKey: keyPair.publicKey,
      async sign(message) {
        return isEd25519
          ? new Uint8Array(sign(null, message, privateKey))
          : ecdsaFromDer(sign('sha256', message, privateKey))
      },
    }
  },
  verify(publicKey, message, signature) {
    if (signature.length !== SIGNATURE_LENGTH) return false
    const key = importPublicKey(publicKey)
    if (!key) return false
    return publicKey.algorithm === 'Ed25519'
      ? verify(null, message, key, signature)
      : verify('sha256', message, key, ecdsaToDer(signature))
  },
  async argon2id(passphrase, salt, { memoryKiB, passes, lanes }) {
    // Argon2id, version 0x13, is what the library does unless told otherwise; a test holds it to that.
    const hash = await hashRaw(passphrase, {
      salt,
      memoryCost: memoryKiB,
      timeCost: passes,
      parallelism: lanes,
      outputLen: 32,
    })
    return new Uint8Array(hash)
  },
  equal: (left, right) => left.length === right.length && timingSafeEqual(left, right),
}

function digest(name: 'sha256' | 'sha512', parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash(name)
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

function publicKeyOfJwk(algorithm: SignatureAlgorithm, jwk: { x?: string; y?: string }): PublicKey {
  const x = fromBase64url(jwk.x ?? '')
  if (algorithm === 'Ed25519') return { algorithm, bytes: x }
  const bytes = new Uint8Array(65)
  bytes[0] = 4
  bytes.set(x, 1)
  bytes.set(fromBase64url(jwk.y ?? ''), 33)
  return { algorithm, bytes }
}

type Jwk = Record<string, string>

function jwkOf({ algorithm, bytes }: PublicKey): Jwk | undefined {
  if (algorithm === 'Ed25519') {
    return bytes.length === 32 ? { kty: 'OKP', crv: 'Ed25519', x: base64url(bytes) } : undefined
  }
  if (bytes.length !== 65 || bytes[0] !== 4) return undefined
  const x = base64url(bytes.subarray(1, 33))
  return { kty: 'EC', crv: 'P-256', x, y: base64url(bytes.subarray(33)) }
}

function importPrivateKey({ publicKey, secretKey }: KeyPair): KeyObject {
  const jwk = jwkOf(publicKey)
  if (!jwk) throw new MunimentError('ERR_INVALID_ARGUMENT', 'this is not a key of its algorithm')
  return createPrivateKey({ format: 'jwk', key: { ...jwk, d: base64url(secretKey) } })
}

/** Gives `undefined` for a point that is not on the curve. */
function importPublicKey(publicKey: PublicKey): KeyObject | undefined {
  const { buffer, byteOffset, byteLength } = publicKey.bytes
  const name = publicKey.algorithm + Buffer.from(buffer, byteOffset, byteLength).toString('latin1')
  const known = importedKeys.get(name)
  if (known) return known
  const jwk = jwkOf(publicKey)
  if (!jwk) return undefined
  try {
    const key = createPublicKey({ format: 'jwk', key: jwk })
    if (importedKeys.size >= MAX_CACHED_KEYS) {
      const oldest = importedKeys.keys().next()
      if (!oldest.done) importedKeys.delete(oldest.value)
    }
    importedKeys.set(name, key)
    return key
  } catch {
    return undefined
  }
}
