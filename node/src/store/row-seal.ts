import { concat, deriveKey, fromUtf8, inDomain, open, seal, utf8 } from '@muniment/crypto'
import {
  type Cryptography,
  isMunimentError,
  MunimentError,
  type Random,
  type RowKey,
} from '@muniment/interface'

const NUMBERED = 0
const NAMED = 1
const LENGTH_BYTES = 4

/** Seals rows to their places, and opens them nowhere else. */
export interface RowSeal {
  /** What is stored under `storageKey`: the row's key and value, sealed and padded. */
  seal(storageKey: Uint8Array, key: RowKey, value: Uint8Array): Uint8Array
  /**
   * The value, and the name of a named row. Throws `ERR_STORE_DAMAGED` for bytes that were not sealed for this place.
   */
  open(
    storageKey: Uint8Array,
    sealed: Uint8Array,
  ): { readonly name: string | undefined; readonly value: Uint8Array }
}

/** What sealing rows needs. */
export interface RowSealInit {
  /** 32 bytes. */
  readonly key: Uint8Array
  readonly cryptography: Cryptography
  readonly random: Random
}

/** Rows sealed with a key derived from the store's, their storage key as associated data. */
export function rowSeal({ key: storeKey, cryptography, random }: RowSealInit): RowSeal {
  const key = deriveKey(cryptography, storeKey, 'muniment/store-rows/1')
  const place = (storageKey: Uint8Array): Uint8Array => inDomain('muniment/store-row/1', storageKey)
  return {
    seal: (storageKey, rowKey, value) =>
      seal({ cryptography, random }, key, encodeRow(rowKey, value), place(storageKey)),
    open(storageKey, sealed) {
      try {
        return decodeRow(open(cryptography, key, sealed, place(storageKey)))
      } catch (cause) {
        if (!isMunimentError(cause)) throw cause
        throw new MunimentError('ERR_STORE_DAMAGED', 'a row of the store is damaged and was not used', {
          cause,
        })
      }
    },
  }
}

function encodeRow(key: RowKey, value: Uint8Array): Uint8Array {
  if (typeof key === 'number') return concat(Uint8Array.of(NUMBERED), value)
  const name = utf8(key)
  const head = new Uint8Array(1 + LENGTH_BYTES)
  head[0] = NAMED
  new DataView(head.buffer).setUint32(1, name.length)
  return concat(head, name, value)
}

function decodeRow(row: Uint8Array): { name: string | undefined; value: Uint8Array } {
  if (row[0] === NUMBERED) return { name: undefined, value: row.slice(1) }
  if (row[0] === NAMED && row.length > LENGTH_BYTES) {
    const length = new DataView(row.buffer, row.byteOffset).getUint32(1)
    const end = 1 + LENGTH_BYTES + length
    if (end <= row.length) {
      return { name: fromUtf8(row.subarray(1 + LENGTH_BYTES, end)), value: row.slice(end) }
    }
  }
  throw new MunimentError('ERR_MALFORMED', 'this row has no known shape')
}
