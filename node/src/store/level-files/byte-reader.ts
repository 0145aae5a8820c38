import { MunimentError } from '@muniment/interface'

/** Reads the variable-length numbers and byte strings of LevelDB's files. Throws `ERR_STORE_DAMAGED` past the end. */
export interface ByteReader {
  readonly isAtEnd: boolean
  /** Bytes not read yet. */
  readonly left: number
  varint(): number
  bytes(length: number): Uint8Array
}

/** A reader from the start of the bytes. */
export function byteReader(source: Uint8Array): ByteReader {
  let at = 0
  const bytes = (length: number): Uint8Array => {
    if (at + length > source.length) throw damagedFile('a file of the store ends too early')
    at += length
    return source.subarray(at - length, at)
  }
  return {
    get isAtEnd() {
      return at >= source.length
    },
    get left() {
      return source.length - at
    },
    varint() {
      let value = 0
      for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
        const byte = bytes(1)[0] ?? 0
        value += (byte & 0x7f) * factor
        if (byte < 0x80) return value
      }
      throw damagedFile('a number in a file of the store is too long')
    },
    bytes,
  }
}

/** The error for a file of the store that is not as LevelDB wrote it. */
export function damagedFile(message: string, options?: ErrorOptions): MunimentError {
  return new MunimentError('ERR_STORE_DAMAGED', message, options)
}
