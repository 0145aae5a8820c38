import { MunimentError } from '@muniment/interface'

const ENCODER = new TextEncoder()
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text's UTF-8 bytes. */
export function utf8(text: string): Uint8Array {
  return ENCODER.encode(text)
}

/** The text of UTF-8 bytes; throws `ERR_MALFORMED` when they are not well formed. A byte order mark is kept. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return DECODER.decode(bytes)
  } catch (cause) {
    throw new MunimentError('ERR_MALFORMED', 'these bytes are not UTF-8 text', { cause })
  }
}

/** Joins byte strings. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/** A whole number from 0 to 2^53−1 as 8 bytes, most significant first. */
export function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

/** True when both byte strings are the same. Not for secrets: compare those with `Cryptography.equal`. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false
  // A plain loop: every message and frame passes here, and a callback for each byte costs seven times as much.
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false
  return true
}
