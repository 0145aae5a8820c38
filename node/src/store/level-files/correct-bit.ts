import { crc32c, maskedCrc32c, POLYNOMIAL, unmaskedCrc32c } from './crc32c.ts'

/** A run of bytes of a file and where its CRC stands, as four bytes, the least first. */
export interface CheckedRun {
  readonly from: number
  readonly to: number
  readonly crcAt: number
  /** True for a CRC in LevelDB's masked form. */
  readonly isMasked: boolean
}

/**
 * Sets the one flipped bit of a run, or of its CRC, right. False, and nothing is changed, when more than one is wrong.
 *
 * A CRC-32C of less than 2^31 bits tells any single flipped bit from all others and from any two (its distance is 4), so
 * what is set right is what was written. What else was damaged may pass for one flipped bit once in some 10,000 times,
 * which is why rows are opened by their seal afterwards.
 */
export function correctRun(file: Uint8Array, run: CheckedRun): boolean {
  const checked = file.subarray(run.from, run.to)
  const view = new DataView(file.buffer, file.byteOffset + run.crcAt, 4)
  const stored = view.getUint32(0, true)
  const right = run.isMasked ? maskedCrc32c(checked) : crc32c(checked)
  if (right === stored) return true
  if (isOneBit(right ^ stored)) {
    view.setUint32(0, right, true)
    return true
  }
  const bit = bitOf(crc32c(checked) ^ (run.isMasked ? unmaskedCrc32c(stored) : stored), checked.length * 8)
  if (bit === undefined) return false
  flipBit(checked, bit)
  return true
}

/** Turns one bit of the bytes, counted from the lowest bit of the first byte. */
export function flipBit(bytes: Uint8Array, bit: number): void {
  bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) ^ (1 << (bit & 7))
}

/** Which of so many bits changes the CRC by this when it is flipped. */
function bitOf(difference: number, bits: number): number | undefined {
  const wanted = difference >>> 0
  let change = POLYNOMIAL
  for (let fromEnd = 1; fromEnd <= bits; fromEnd++) {
    if (change === wanted) return bits - fromEnd
    change = ((change >>> 1) ^ (change & 1 ? POLYNOMIAL : 0)) >>> 0
  }
  return undefined
}

function isOneBit(value: number): boolean {
  return value !== 0 && (value & (value - 1)) === 0
}
