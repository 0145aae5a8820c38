import type { Cryptography } from '@muniment/interface'
import { concat, uint64, utf8 } from './bytes.ts'

/**
 * The bytes that are signed, hashed or MACed for one purpose: the purpose's name with its length, then the bytes.
 * No two purposes can share an input, so a signature made for one is never valid for another.
 *
 * @param domain - the purpose, e.g. `muniment/frame/1`
 */
export function inDomain(domain: string, bytes: Uint8Array): Uint8Array {
  const name = utf8(domain)
  return concat(uint64(name.length), name, bytes)
}

/** SHA-256 of the bytes for one purpose; 32 bytes. */
export function hashInDomain(cryptography: Cryptography, domain: string, bytes: Uint8Array): Uint8Array {
  return cryptography.sha256(inDomain(domain, bytes))
}

/** A 32-byte key derived from a secret for one purpose (HKDF-SHA-256 with the purpose as info). */
export function deriveKey(cryptography: Cryptography, secret: Uint8Array, domain: string): Uint8Array {
  return cryptography.hkdfSha256(secret, new Uint8Array(0), utf8(domain), 32)
}
