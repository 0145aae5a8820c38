import { MunimentError } from '@muniment/interface'
import { fromUtf8, utf8 } from '@muniment/crypto'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const NOT_ASCII = /[^\p{ASCII}]/u
const HIGH_BYTE = /[\x80-\xff]/
/** Bytes that are turned into characters by one call: engines bound the number of arguments. */
const CHUNK = 4096

/** base64url (RFC 4648, section 5, no padding) of the text's UTF-8 bytes. */
export function textToBase64url(text: string): string {
  const binary = NOT_ASCII.test(text) ? latin1Text(utf8(text)) : text
  return toUrlAlphabet(btoa(binary))
}

/**
 * The text whose UTF-8 bytes were encoded. Only the one canonical base64url text of the bytes is accepted: no padding,
 * no white space, unused bits zero (RFC 4648, section 3.5). Throws `ERR_MALFORMED`.
 */
export function base64urlToText(encoded: string): string {
  return textOfBinary(base64urlToBinary(encoded))
}

/**
 * The bytes that were encoded, as a text with one character for each; strict like {@link base64urlToText}. The
 * platform's own decoder is several times faster than a loop, but forgiving. What it lets pass beside the alphabet is
 * the other alphabet, looked for before, and white space and padding, which leave fewer bytes than the length promises.
 */
export function base64urlToBinary(encoded: string): string {
  if (encoded.includes('+') || encoded.includes('/') || hasUnusedBits(encoded)) throw notBase64url()
  let standard = encoded
  if (standard.includes('-')) standard = standard.replaceAll('-', '+')
  if (standard.includes('_')) standard = standard.replaceAll('_', '/')
  const binary = decoded(standard)
  if (binary?.length !== Math.floor((encoded.length * 3) / 4)) throw notBase64url()
  return binary
}

function decoded(standard: string): string | undefined {
  try {
    return atob(standard)
  } catch {
    return undefined
  }
}

/** The text of UTF-8 bytes that stand in a text with one character for each. Throws `ERR_MALFORMED`. */
export function textOfBinary(binary: string): string {
  return HIGH_BYTE.test(binary) ? fromUtf8(Uint8Array.from(binary, byteOf)) : binary
}

function hasUnusedBits(encoded: string): boolean {
  const rest = encoded.length & 3
  if (rest === 0) return false
  if (rest === 1) return true
  const last = ALPHABET.indexOf(encoded.charAt(encoded.length - 1))
  return (last & (rest === 2 ? 15 : 3)) !== 0
}

function toUrlAlphabet(standard: string): string {
  const padding = standard.indexOf('=')
  let encoded = padding === -1 ? standard : standard.slice(0, padding)
  if (encoded.includes('+')) encoded = encoded.replaceAll('+', '-')
  if (encoded.includes('/')) encoded = encoded.replaceAll('/', '_')
  return encoded
}

function latin1Text(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  }
  return text
}

function byteOf(character: string): number {
  return character.charCodeAt(0)
}

function notBase64url(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'a part of the token is not canonical base64url')
}
