/** Castagnoli's polynomial, its bits reversed. */
export const POLYNOMIAL: number = 0x82f63b78
const SLICES = 8

/** Eight tables of 256 words in one: eight bytes a step, which checks several hundred MB a second. */
const TABLE: Uint32Array = makeTable()

function makeTable(): Uint32Array {
  const table = new Uint32Array(SLICES * 256)
  for (let byte = 0; byte < 256; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1
    table[byte] = value
  }
  for (let at = 256; at < table.length; at++) {
    const value = table[at - 256] ?? 0
    table[at] = (value >>> 8) ^ (table[value & 0xff] ?? 0)
  }
  return table
}

/** The word of a byte that stands `distance` bytes before the end of its step. */
function word(distance: number, value: number): number {
  return TABLE[(distance << 8) | (value & 0xff)] ?? 0
}

/** CRC-32C (Castagnoli; RFC 3720, section 12.1) of the bytes. */
export function crc32c(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let crc = 0xffffffff
  let at = 0
  for (; at + SLICES <= bytes.length; at += SLICES) {
    const low = view.getUint32(at, true) ^ crc
    const high = view.getUint32(at + 4, true)
    crc =
      word(7, low) ^
      word(6, low >>> 8) ^
      word(5, low >>> 16) ^
      word(4, low >>> 24) ^
      word(3, high) ^
      word(2, high >>> 8) ^
      word(1, high >>> 16) ^
      word(0, high >>> 24)
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ word(0, crc ^ (bytes[at] ?? 0))
  return (crc ^ 0xffffffff) >>> 0
}

const MASK = 0xa282ead8

/** The form in which LevelDB stores a CRC (its doc/log_format.md: "masked"). */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + MASK) >>> 0
}

/** The CRC that was masked. */
export function unmaskedCrc32c(masked: number): number {
  const turned = (masked - MASK) >>> 0
  return ((turned >>> 17) | (turned << 15)) >>> 0
}
