import { MunimentError } from '@muniment/interface'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const NOT_A_DIGIT = 64
const VALUES = new Uint8Array(128).fill(NOT_A_DIGIT)
for (const [value, character] of [...ALPHABET].entries()) VALUES[character.charCodeAt(0)] = value

/** base64url without padding (RFC 4648, section 5). */
export function base64url(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63)
    if (left > 1) text += ALPHABET.charAt((group >> 6) & 63)
    if (left > 2) text += ALPHABET.charAt(group & 63)
  }
  return text
}

/**
 * Decodes base64url strictly: no padding, no other alphabet, and unused bits must be zero (RFC 4648, section 3.5), so
 * that one byte string has one text. Throws `ERR_MALFORMED`.
 */
export function fromBase64url(text: string): Uint8Array {
  const rest = text.length % 4
  if (rest === 1) throw notBase64url()
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let out = 0
  let bits = 0
  let held = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const value = code < 128 ? (VALUES[code] ?? NOT_A_DIGIT) : NOT_A_DIGIT
    if (value === NOT_A_DIGIT) throw notBase64url()
    held = (held << 6) | value
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[out++] = held >> bits
      held &= (1 << bits) - 1
    }
  }
  if (held !== 0) throw notBase64url()
  return bytes
}

function notBase64url(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'this text is not canonical base64url')
}
