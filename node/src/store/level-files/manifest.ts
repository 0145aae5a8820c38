import { byteReader, damagedFile } from './byte-reader.ts'

/** The files that a database consists of now, as its manifest lists them. */
export interface LiveFiles {
  /** Numbers of the table files. */
  readonly tables: ReadonlySet<number>
  /** Logs with this number or a higher one hold what is in no table yet. */
  readonly firstLog: number
}

const COMPARATOR = 1
const LOG_NUMBER = 2
const NEXT_FILE = 3
const LAST_SEQUENCE = 4
const COMPACT_POINTER = 5
const DELETED_FILE = 6
const NEW_FILE = 7
const PREVIOUS_LOG = 9

/** Applies the edits of a manifest (LevelDB's db/version_edit.cc) in order. */
export function liveFiles(edits: readonly Uint8Array[]): LiveFiles {
  const tables = new Set<number>()
  let log = 0
  let previousLog = 0
  for (const edit of edits) {
    const reader = byteReader(edit)
    const skipBytes = (): unknown => reader.bytes(reader.varint())
    while (!reader.isAtEnd) {
      const tag = reader.varint()
      if (tag === COMPARATOR) skipBytes()
      else if (tag === LOG_NUMBER) log = reader.varint()
      else if (tag === PREVIOUS_LOG) previousLog = reader.varint()
      else if (tag === NEXT_FILE || tag === LAST_SEQUENCE) reader.varint()
      else if (tag === COMPACT_POINTER) {
        reader.varint()
        skipBytes()
      } else if (tag === DELETED_FILE) {
        reader.varint()
        tables.delete(reader.varint())
      } else if (tag === NEW_FILE) {
        reader.varint()
        tables.add(reader.varint())
        reader.varint()
        skipBytes()
        skipBytes()
      } else throw damagedFile('the manifest of the store holds an unknown edit')
    }
  }
  return { tables, firstLog: previousLog > 0 ? Math.min(previousLog, log) : log }
}
