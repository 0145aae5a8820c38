import { MunimentError } from '@muniment/interface'
import { base58 } from '@scure/base'
import { MAX_DID_LENGTH } from './constants.ts'

/** base58 costs the square of the length, and the library encodes no more than this. */
const MAX_BYTES = 2048

/** Bytes as multibase base58btc: `z`, then the digits. Throws `ERR_TOO_LARGE` for more than 2,048 bytes. */
export function toMultibase(bytes: Uint8Array): string {
  if (bytes.length > MAX_BYTES)
    throw new MunimentError('ERR_TOO_LARGE', 'these bytes are too many for base58')
  return `z${base58.encode(bytes)}`
}

/** The bytes of multibase base58btc; throws `ERR_MALFORMED` for another base, other digits, or a text too long for a DID. */
export function fromMultibase(text: string): Uint8Array {
  if (text.startsWith('z') && text.length > 1 && text.length <= MAX_DID_LENGTH) {
    try {
      return base58.decode(text.slice(1))
    } catch (cause) {
      throw notMultibase(cause)
    }
  }
  throw notMultibase()
}

function notMultibase(cause?: unknown): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'this text is not multibase base58btc', { cause })
}
