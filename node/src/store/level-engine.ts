import type { AbstractLevel } from 'abstract-level'
import type { Engine, WriteOperation } from './engine.ts'

/** A Level database of bytes. */
export type ByteLevel = AbstractLevel<Buffer | Uint8Array | string, Uint8Array, Uint8Array>

/** Encodings under which a Level database takes and gives plain bytes. */
export const BYTE_ENCODINGS = { keyEncoding: 'view', valueEncoding: 'view' } as const

/** An engine over an open Level database, without any promise about disks. */
export function levelEngine(database: ByteLevel): Engine {
  return {
    get: (key) => database.get(key),
    entries: ({ first, last, reverse, limit }) =>
      database.iterator({ gte: first, lte: last, reverse, limit }),
    write: (operations) => database.batch(operations.map(batchOperation)),
    // In memory nothing that was overwritten stays.
    purge: () => Promise.resolve(true),
    idle: () => Promise.resolve(),
    close: () => database.close(),
  }
}

/** The operation as Level's `batch` takes it. */
export function batchOperation({
  key,
  value,
}: WriteOperation): { type: 'put'; key: Uint8Array; value: Uint8Array } | { type: 'del'; key: Uint8Array } {
  return value === undefined ? { type: 'del', key } : { type: 'put', key, value }
}
