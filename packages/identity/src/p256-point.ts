import { MunimentError } from '@muniment/interface'
import { p256 } from '@noble/curves/nist.js'

/**
 * A P-256 point in its short form (SEC 1, section 2.3.3): 33 bytes, 0x02 or 0x03 ∥ x. Throws `ERR_MALFORMED` when the
 * 65 bytes are not a point of the curve.
 */
export function compressPoint(point: Uint8Array): Uint8Array {
  return recode(point, 65, true)
}

/** A P-256 point in its long form, 0x04 ∥ x ∥ y, from the short one. Throws `ERR_MALFORMED` when there is no such point. */
export function decompressPoint(point: Uint8Array): Uint8Array {
  return recode(point, 33, false)
}

function recode(point: Uint8Array, length: number, compressed: boolean): Uint8Array {
  if (point.length === length) {
    try {
      return p256.Point.fromBytes(point).toBytes(compressed)
    } catch (cause) {
      throw notAPoint(cause)
    }
  }
  throw notAPoint()
}

function notAPoint(cause?: unknown): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'these bytes are not a point of the curve P-256', { cause })
}
