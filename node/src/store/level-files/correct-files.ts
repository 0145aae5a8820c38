import { correctRun, flipBit } from './correct-bit.ts'
import { BLOCK, fragmentAt, HEAD } from './log-file.ts'
import {
  blockEntries,
  type BlockPlace,
  checkedBlock,
  FOOTER,
  listPlaces,
  placesIn,
  TRAILER,
} from './table-file.ts'

/** CRC and length of a fragment. */
const LENGTH_AT = 4
const LENGTH_BITS = 16

/**
 * Sets right each fragment of a log or manifest in which one bit was flipped, and gives how many there were. What it
 * cannot set right it leaves.
 */
export function correctLog(file: Uint8Array): number {
  let corrected = 0
  for (let at = 0; at < file.length;) {
    const left = Math.min(BLOCK - (at % BLOCK), file.length - at)
    if (left < HEAD) {
      at += left
      continue
    }
    let fragment = fragmentAt(file, at)
    if (!fragment && correctFragment(file, at, left)) {
      corrected++
      fragment = fragmentAt(file, at)
    }
    // Past what cannot be set right, fragments begin again with the next block at the latest.
    at = fragment?.next ?? at + left
  }
  return corrected
}

function correctFragment(file: Uint8Array, at: number, left: number): boolean {
  const view = new DataView(file.buffer, file.byteOffset + at, left)
  const length = view.getUint16(LENGTH_AT, true)
  const run = { from: at + HEAD - 1, to: at + HEAD + length, crcAt: at, isMasked: true }
  if (HEAD + length <= left && correctRun(file, run)) {
    if (fragmentAt(file, at)) return true
  }
  for (let bit = 0; bit < LENGTH_BITS; bit++) {
    view.setUint16(LENGTH_AT, length ^ (1 << bit), true)
    if (fragmentAt(file, at)) return true
  }
  view.setUint16(LENGTH_AT, length, true)
  return false
}

/** As {@link correctLog}, for the blocks of a table and its end. */
export function correctTable(file: Uint8Array): number {
  const end = correctedEnd(file)
  if (!end) return 0
  const { metaIndex, index, isCorrected } = end
  let corrected = isCorrected ? 1 : 0
  const correct = (place: BlockPlace): void => {
    const crcAt = place.offset + place.size + 1
    if (crcAt + 4 > file.length) return
    const before = file.slice(place.offset, crcAt + 4)
    const run = { from: place.offset, to: crcAt, crcAt, isMasked: true }
    if (correctRun(file, run) && before.some((byte, offset) => byte !== file[place.offset + offset]))
      corrected++
  }
  for (const list of [metaIndex, index]) {
    correct(list)
    for (const place of placesOrNone(file, list)) correct(place)
  }
  return corrected
}

/** The two lists, which stand one after the other just before the end; a flipped bit of the end is set right. */
function correctedEnd(
  file: Uint8Array,
): { metaIndex: BlockPlace; index: BlockPlace; isCorrected: boolean } | undefined {
  const plausible = (): { metaIndex: BlockPlace; index: BlockPlace } | undefined => {
    try {
      const { metaIndex, index } = listPlaces(file)
      const follows = index.offset === metaIndex.offset + metaIndex.size + TRAILER
      const ends = index.offset + index.size + TRAILER === file.length - FOOTER
      return follows && ends ? { metaIndex, index } : undefined
    } catch {
      return undefined
    }
  }
  const asItIs = plausible()
  if (asItIs) return { ...asItIs, isCorrected: false }
  if (file.length < FOOTER) return undefined
  const footer = file.subarray(file.length - FOOTER)
  for (let bit = 0; bit < FOOTER * 8; bit++) {
    flipBit(footer, bit)
    const found = plausible()
    if (found && checksBoth(file, found)) return { ...found, isCorrected: true }
    flipBit(footer, bit)
  }
  return undefined
}

/** Of the ends that one flipped bit away would be plausible too, only one names blocks that check. */
function checksBoth(
  file: Uint8Array,
  { metaIndex, index }: { metaIndex: BlockPlace; index: BlockPlace },
): boolean {
  try {
    for (const list of [metaIndex, index]) checkedBlock(file, list)
    return true
  } catch {
    return false
  }
}

function placesOrNone(file: Uint8Array, { offset, size }: BlockPlace): readonly BlockPlace[] {
  try {
    const block = file.subarray(offset, offset + size)
    return [...blockEntries(block)].length > 0 ? placesIn(block) : []
  } catch {
    return []
  }
}
