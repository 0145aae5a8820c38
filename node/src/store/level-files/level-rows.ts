import { concat } from '@muniment/crypto'
import { byteReader, damagedFile } from './byte-reader.ts'
import { BLOCK, type Fragment, fragmentAt, HEAD, isBeginning, isEnd } from './log-file.ts'
import { blockEntries, checkedBlock, listPlaces, placesIn } from './table-file.ts'

/** One change of a row as a file has it: the highest `sequence` of a key counts. */
export interface FoundChange {
  readonly key: Uint8Array
  /** `undefined` for a row that was removed. */
  readonly value: Uint8Array | undefined
  readonly sequence: bigint
}

/** What of a file can be read, and how many of its parts cannot. */
export interface FoundChanges {
  readonly changes: readonly FoundChange[]
  readonly unreadable: number
}

/** Bytes of a batch before its changes: sequence number (8) and count (4) (LevelDB's db/write_batch.cc). */
const BATCH_HEAD = 12
/** A key in a table ends with its sequence number and kind (LevelDB's db/dbformat.h). */
const KEY_END = 8
const REMOVED = 0
const WRITTEN = 1

/** The changes in the blocks of a table that check. */
export function tableChanges(file: Uint8Array): FoundChanges {
  const changes: FoundChange[] = []
  let unreadable = 0
  try {
    for (const place of placesIn(checkedBlock(file, listPlaces(file).index))) {
      try {
        changes.push(...[...blockEntries(checkedBlock(file, place))].map(tableChange))
      } catch {
        unreadable++
      }
    }
  } catch {
    unreadable++
  }
  return { changes, unreadable }
}

function tableChange({ key, value }: { key: Uint8Array; value: Uint8Array }): FoundChange {
  if (key.length < KEY_END) throw damagedFile('a key of the store is too short')
  const end = new DataView(key.buffer, key.byteOffset + key.length - KEY_END).getBigUint64(0, true)
  const isRemoved = Number(end & 0xffn) === REMOVED
  const name = key.subarray(0, key.length - KEY_END)
  return { key: name, value: isRemoved ? undefined : value, sequence: end >> 8n }
}

/** The changes in the records of a log that check, those after a damaged one included. */
export function logChanges(file: Uint8Array): FoundChanges {
  const changes: FoundChange[] = []
  const { records, gaps } = wholeRecords(file)
  let unreadable = gaps
  for (const record of records) {
    try {
      changes.push(...batchChanges(record))
    } catch {
      unreadable++
    }
  }
  return { changes, unreadable }
}

/** The changes of one batch. Throws `ERR_STORE_DAMAGED`. */
export function batchChanges(record: Uint8Array): FoundChange[] {
  if (record.length < BATCH_HEAD) throw damagedFile('a batch of the store is too short')
  const view = new DataView(record.buffer, record.byteOffset, record.length)
  const first = view.getBigUint64(0, true)
  const count = view.getUint32(8, true)
  const reader = byteReader(record.subarray(BATCH_HEAD))
  const changes: FoundChange[] = []
  while (!reader.isAtEnd) {
    const kind = reader.bytes(1)[0]
    if (kind !== WRITTEN && kind !== REMOVED) throw damagedFile('a batch of the store does not read')
    const key = reader.bytes(reader.varint())
    const value = kind === WRITTEN ? reader.bytes(reader.varint()) : undefined
    changes.push({ key, value, sequence: first + BigInt(changes.length) })
  }
  if (changes.length !== count) throw damagedFile('a batch of the store does not read')
  return changes
}

interface WholeRecords {
  readonly records: readonly Uint8Array[]
  readonly gaps: number
}

/** The whole records of a log, and how often something stands between them that does not check. */
function wholeRecords(file: Uint8Array): WholeRecords {
  const records: Uint8Array[] = []
  let open: Uint8Array[] = []
  let gaps = 0
  let isInGap = false
  for (const fragment of fragmentsOf(file)) {
    const fits = fragment !== undefined && isBeginning(fragment) === (open.length === 0)
    if (!fits) {
      if (!isInGap) gaps++
      isInGap = true
      open = []
    }
    if (!fragment || !(fits || isBeginning(fragment))) continue
    isInGap = false
    open.push(fragment.payload)
    if (isEnd(fragment)) records.push(concat(...open.splice(0)))
  }
  return { records, gaps: open.length > 0 ? gaps + 1 : gaps }
}

/** The fragments of a log in order; `undefined` for each byte at which none begins. */
function* fragmentsOf(file: Uint8Array): Generator<Fragment | undefined> {
  for (let at = 0; at < file.length;) {
    const left = BLOCK - (at % BLOCK)
    if (left < HEAD) at += left
    else {
      const fragment = fragmentAt(file, at)
      yield fragment
      at = fragment?.next ?? at + 1
    }
  }
}
