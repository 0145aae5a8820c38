import { concat } from '@muniment/crypto'
import { byteReader, damagedFile } from './byte-reader.ts'
import { maskedCrc32c } from './crc32c.ts'

/** Two block handles, padded, and a magic number (LevelDB's doc/table_format.md). */
export const FOOTER = 48
const MAGIC = 0xdb4775248b80fb57n
/** After each block: one byte for its compression, four for its CRC. */
export const TRAILER = 5
const UNCOMPRESSED = 0

/** Where a block stands in its file, without what follows it. */
export interface BlockPlace {
  readonly offset: number
  readonly size: number
}

/** The two lists of blocks that the end of a table names. Throws `ERR_STORE_DAMAGED` for an end that is none. */
export function listPlaces(file: Uint8Array): { readonly metaIndex: BlockPlace; readonly index: BlockPlace } {
  if (file.length < FOOTER) throw damagedFile('a table of the store is too short')
  const footer = file.subarray(file.length - FOOTER)
  const magic = new DataView(footer.buffer, footer.byteOffset).getBigUint64(FOOTER - 8, true)
  if (magic !== MAGIC) throw damagedFile('a table of the store has no end')
  const reader = byteReader(footer)
  const metaIndex = placeOf(reader)
  const index = placeOf(reader)
  if (reader.bytes(reader.left - 8).some((byte) => byte !== 0))
    throw damagedFile('a table of the store has no end')
  return { metaIndex, index }
}

/** Checks every block of a table file. Throws `ERR_STORE_DAMAGED` at the first that does not check. */
export function checkTable(file: Uint8Array): void {
  const { metaIndex, index } = listPlaces(file)
  const checked = [metaIndex, index]
  for (const list of [metaIndex, index]) checked.push(...placesIn(checkedBlock(file, list)))
  for (const place of checked.slice(2)) checkedBlock(file, place)
  refuseGaps(checked, file.length - FOOTER)
}

/** Blocks follow each other without a gap, so an index that lists fewer of them than there are shows. */
function refuseGaps(places: readonly BlockPlace[], end: number): void {
  let at = 0
  for (const { offset, size } of places.toSorted((left, right) => left.offset - right.offset)) {
    if (offset !== at) throw damagedFile('the index of a table of the store does not list its blocks')
    at = offset + size + TRAILER
  }
  if (at !== end) throw damagedFile('the index of a table of the store does not list its blocks')
}

/** The content of a block. Throws `ERR_STORE_DAMAGED` for one that does not check. */
export function checkedBlock(file: Uint8Array, { offset, size }: BlockPlace): Uint8Array {
  const end = offset + size + TRAILER
  if (end > file.length) throw damagedFile('a table of the store is too short')
  const view = new DataView(file.buffer, file.byteOffset + end - TRAILER, TRAILER)
  if (maskedCrc32c(file.subarray(offset, end - 4)) !== view.getUint32(1, true)) {
    throw damagedFile('a block of the store is damaged')
  }
  if (view.getUint8(0) !== UNCOMPRESSED)
    throw damagedFile('a block of the store is compressed, which none of ours is')
  return file.subarray(offset, offset + size)
}

/** The places that an index block lists. */
export function placesIn(block: Uint8Array): BlockPlace[] {
  return [...blockEntries(block)].map(({ value }) => placeOf(byteReader(value)))
}

/** The entries of a block: (shared, unshared, length, key, value), then restart points. */
export function* blockEntries(block: Uint8Array): Generator<{ key: Uint8Array; value: Uint8Array }> {
  if (block.length < 4) throw damagedFile('a block of the store is too short')
  const view = new DataView(block.buffer, block.byteOffset, block.length)
  const entriesEnd = block.length - 4 * (view.getUint32(block.length - 4, true) + 1)
  if (entriesEnd < 0) throw damagedFile('a block of the store is too short')
  const reader = byteReader(block.subarray(0, entriesEnd))
  let key: Uint8Array = new Uint8Array(0)
  while (!reader.isAtEnd) {
    const shared = reader.varint()
    const unshared = reader.varint()
    const length = reader.varint()
    if (shared > key.length) throw damagedFile('a block of the store does not read')
    key = concat(key.subarray(0, shared), reader.bytes(unshared))
    yield { key, value: reader.bytes(length) }
  }
}

function placeOf(reader: { varint(): number }): BlockPlace {
  const offset = reader.varint()
  return { offset, size: reader.varint() }
}
