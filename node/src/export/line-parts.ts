import { PART_LENGTH } from './constants.ts'

/** Lines that fit one file. */
export interface LinePart {
  readonly bytes: Uint8Array
  readonly count: number
}

/**
 * Gathers values into files of JSON lines, each as full as its length allows; a line is never cut. No values make no
 * part.
 *
 * @param length - bytes of a part at the most
 */
export async function* lineParts(
  values: AsyncIterable<unknown>,
  length: number = PART_LENGTH,
): AsyncGenerator<LinePart> {
  let lines: Buffer[] = []
  let size = 0
  for await (const value of values) {
    const line = Buffer.from(`${JSON.stringify(value)}\n`)
    if (lines.length > 0 && size + line.length > length) {
      yield { bytes: Buffer.concat(lines, size), count: lines.length }
      lines = []
      size = 0
    }
    lines.push(line)
    size += line.length
  }
  if (lines.length > 0) yield { bytes: Buffer.concat(lines, size), count: lines.length }
}
