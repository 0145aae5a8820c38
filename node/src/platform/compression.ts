import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { type Compression, MunimentError } from '@muniment/interface'

/** Deflate of Node.js (zlib). Level 3: a bank statement shrinks to a sixth at three times the speed of the default. */
const LEVEL = 3

/** Raw deflate (RFC 1951) by zlib. */
export const nodeCompression: Compression = {
  deflate: (bytes) => new Uint8Array(deflateRawSync(bytes, { level: LEVEL })),
  inflate(bytes, limit) {
    try {
      return new Uint8Array(inflateRawSync(bytes, { maxOutputLength: limit }))
    } catch (cause) {
      const isTooLarge = cause instanceof RangeError
      throw new MunimentError(
        isTooLarge ? 'ERR_TOO_LARGE' : 'ERR_MALFORMED',
        isTooLarge ? `the inflated bytes would be more than ${limit}` : 'these bytes are not deflated',
        { cause },
      )
    }
  },
}
