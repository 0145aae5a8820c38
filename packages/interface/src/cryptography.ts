/** The signature algorithms in use: Ed25519 (RFC 8032) for devices and logs, ES256 (RFC 7518, P-256) for credentials. */
export type SignatureAlgorithm = 'Ed25519' | 'ES256'

/**
 * A public key: its algorithm and its raw bytes: 32 for Ed25519, 65 for ES256 (uncompressed SEC 1 point, 0x04 ∥ x ∥ y).
 */
export interface PublicKey {
  readonly algorithm: SignatureAlgorithm
  readonly bytes: Uint8Array
}

/** Signs with a private key that it does not give away. It may sit in hardware, so signing is asynchronous. */
export interface Signer {
  readonly publicKey: PublicKey
  /** Signs the message. The signature has 64 bytes: R ∥ S for Ed25519, r ∥ s (IEEE P1363) for ES256. */
  sign(message: Uint8Array): Promise<Uint8Array>
}

/** A fresh or stored key pair of which the owner may keep the secret. */
export interface KeyPair {
  readonly publicKey: PublicKey
  /** 32 bytes: the Ed25519 seed or the P-256 scalar. It is written only into a sealed store. */
  readonly secretKey: Uint8Array
}

/** Cost parameters of argon2id (RFC 9106). */
export interface Argon2Parameters {
  readonly memoryKiB: number
  readonly passes: number
  readonly lanes: number
}

/**
 * The platform's own cryptography, filled by `node` (node:crypto) or by the browser. Everything but the password hash
 * is synchronous: a call costs microseconds, and a promise for each would cost more than the work.
 */
export interface Cryptography {
  /** SHA-256 over the concatenation of the parts; 32 bytes. */
  sha256(...parts: readonly Uint8Array[]): Uint8Array
  /**
   * base64url (no padding) of the SHA-256 of an ASCII text: 43 characters. A credential needs one for each claim, and
   * text in, text out is three times faster than through bytes.
   */
  sha256Base64url(text: string): string
  /** SHA-512 over the concatenation of the parts; 64 bytes. */
  sha512(...parts: readonly Uint8Array[]): Uint8Array
  /** HMAC-SHA-256 over the concatenation of the parts; 32 bytes. */
  hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array
  /** HKDF-SHA-256 (RFC 5869); `length` in bytes, 8160 at most. */
  hkdfSha256(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array
  /** One AES-256 block (FIPS 197): 16 bytes in, 16 bytes out. Only the key derivation of XAES-256-GCM needs it. */
  aes256Block(key: Uint8Array, block: Uint8Array): Uint8Array
  /** AES-256-GCM with a 12-byte nonce; gives ciphertext ∥ 16-byte tag. */
  aes256GcmSeal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Uint8Array
  /** Opens what `aes256GcmSeal` made, or gives `undefined` when key, nonce, associated data or bytes are wrong. */
  aes256GcmOpen(
    key: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
    associated: Uint8Array,
  ): Uint8Array | undefined
  /** A fresh key pair from the platform's random source. */
  generateKeyPair(algorithm: SignatureAlgorithm): KeyPair
  /** A signer over a key pair held in memory. */
  signer(keyPair: KeyPair): Signer
  /** True when the 64-byte signature is the key's over the message. Malformed keys and signatures give `false`. */
  verify(publicKey: PublicKey, message: Uint8Array, signature: Uint8Array): boolean
  /** argon2id (RFC 9106), version 0x13; 32 bytes. */
  argon2id(passphrase: Uint8Array, salt: Uint8Array, parameters: Argon2Parameters): Promise<Uint8Array>
  /** Compares in a time that does not depend on where the bytes differ. */
  equal(left: Uint8Array, right: Uint8Array): boolean
}

/** Random bytes from the platform; in tests, from a printed seed. */
export type Random = (length: number) => Uint8Array
