import { createHash } from 'node:crypto'

/** The key of the store that is written, cut off and read again. */
export const WRITTEN_KEY: Uint8Array = new Uint8Array(32).fill(7)

const LONGEST = 24_000

/** The value of a row: different for each, of a length between 32 bytes and {@link LONGEST}. */
export function rowValue(number: number): Uint8Array {
  const seed = createHash('sha256').update(`row ${number}`).digest()
  const length = 32 + (((number * 7919) % 97) * LONGEST) / 97
  return Uint8Array.from({ length: Math.floor(length) }, (_, index) => (seed[index % 32] ?? 0) ^ (index >> 5))
}
