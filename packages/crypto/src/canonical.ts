import { MunimentError } from '@muniment/interface'
import { decode, encode, rfc8949EncodeOptions } from 'cborg'
import { sameBytes } from './bytes.ts'

/** What may stand in canonical bytes. Numbers are whole, from −(2^53−1) to 2^53−1, or finite fractions. */
export type CanonicalValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly CanonicalValue[]
  | { readonly [name: string]: CanonicalValue | undefined }

/** Nesting that is decoded at the most: our formats need 12; a hostile message of 64 KiB could hold 65,000. */
export const MAX_CANONICAL_DEPTH = 32

/**
 * The one encoding of a value: deterministic CBOR (RFC 8949, section 4.2.1). What is signed or hashed goes through it.
 * Absent (`undefined`) members of a map are left out.
 */
export function toCanonical(value: CanonicalValue): Uint8Array {
  return plainBytes(encode(value, { ...rfc8949EncodeOptions, ignoreUndefinedProperties: true }))
}

/** The library may give a subclass of Uint8Array, depending on the length; others look at the exact class. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const STRICT = {
  strict: true,
  rejectDuplicateMapKeys: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: false,
  allowNaN: false,
  allowInfinity: false,
}

/**
 * Decodes canonical bytes into plain values, to be checked by a schema before use. Throws `ERR_MALFORMED` for anything
 * but the one encoding that {@link toCanonical} gives, for tags, duplicate keys, and nesting over
 * {@link MAX_CANONICAL_DEPTH}. A name `__proto__` becomes an own property and touches no prototype.
 */
export function fromCanonical(bytes: Uint8Array): unknown {
  refuseDeepNesting(bytes)
  let value: unknown
  let again: Uint8Array
  try {
    value = decode(bytes, STRICT)
    again = encode(value, rfc8949EncodeOptions)
  } catch (cause) {
    throw new MunimentError('ERR_MALFORMED', 'these bytes are not canonical CBOR', { cause })
  }
  if (!sameBytes(bytes, again)) {
    throw new MunimentError('ERR_MALFORMED', 'these bytes are CBOR, but not its canonical encoding')
  }
  return value
}

const ARRAY = 4
const MAP = 5
const TAG = 6

/** Walks the items without building them, so that nesting is refused before a decoder recurses into it. */
function refuseDeepNesting(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const open: number[] = []
  let at = 0
  while (at < bytes.length) {
    const { major, argument, next } = itemHead(view, at)
    at = next
    if (major === 2 || major === 3) at += argument
    const children = major === ARRAY ? argument : major === MAP ? argument * 2 : major === TAG ? 1 : 0
    if (children > 0) {
      open.push(children)
      if (open.length > MAX_CANONICAL_DEPTH) {
        throw new MunimentError('ERR_MALFORMED', 'these bytes nest deeper than any message does')
      }
      continue
    }
    closeFinished(open)
  }
}

/** One item is complete: so is every container of which it was the last. */
function closeFinished(open: number[]): void {
  while (open.length > 0) {
    const left = (open.pop() ?? 0) - 1
    if (left > 0) {
      open.push(left)
      return
    }
  }
}

/** Reads the initial byte of an item and its argument (RFC 8949, section 3). */
function itemHead(view: DataView, at: number): { major: number; argument: number; next: number } {
  const initial = view.getUint8(at)
  const major = initial >> 5
  const information = initial & 31
  const size = information < 24 ? 0 : information < 28 ? 1 << (information - 24) : undefined
  if (size === undefined || at + 1 + size > view.byteLength) {
    throw new MunimentError('ERR_MALFORMED', 'these bytes are not canonical CBOR')
  }
  if (size === 0) return { major, argument: information, next: at + 1 }
  return { major, argument: readUnsigned(view, at + 1, size), next: at + 1 + size }
}

function readUnsigned(view: DataView, at: number, size: number): number {
  if (size === 1) return view.getUint8(at)
  if (size === 2) return view.getUint16(at)
  if (size === 4) return view.getUint32(at)
  return Number(view.getBigUint64(at))
}
