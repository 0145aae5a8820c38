import { concat, deriveKey, inDomain, uint64, utf8 } from '@muniment/crypto'
import { type Cryptography, MunimentError, type RowKey } from '@muniment/interface'

/** Bytes that stand for a table in every storage key: enough that two of a billion tables never share them. */
export const TABLE_LENGTH = 12
/** Bytes that stand for a row's name. */
export const NAME_LENGTH = 16
/** Bytes of a row's number, big-endian so that they sort as numbers do. */
export const NUMBER_LENGTH = 8
/** Tables and names with more characters than this are a mistake. */
const MAX_NAME = 4096

/** Where rows lie: storage keys that tell nothing of tables and names. */
export interface RowKeys {
  /** The storage key of a row. Throws `ERR_INVALID_ARGUMENT` for a number that is not whole or a name too long. */
  of(table: string, key: RowKey): Uint8Array
  /** The first and the last storage key that a row of the table can have, for names or for numbers. */
  bounds(
    table: string,
    range: { readonly from: Uint8Array; readonly to: Uint8Array },
  ): [Uint8Array, Uint8Array]
  /** The number in a storage key. */
  numberOf(storageKey: Uint8Array): number
}

/**
 * Storage keys under a secret: HMAC(table) cut to {@link TABLE_LENGTH}, then HMAC(table, name) cut to
 * {@link NAME_LENGTH} or the number itself.
 */
export function rowKeys(cryptography: Cryptography, storeKey: Uint8Array): RowKeys {
  const key = deriveKey(cryptography, storeKey, 'muniment/store-names/1')
  const tables = new Map<string, Uint8Array>()
  const prefix = (table: string): Uint8Array => {
    const known = tables.get(table)
    if (known) return known
    const made = cryptography
      .hmacSha256(key, inDomain('muniment/store-table/1', utf8(checkedName(table))))
      .slice(0, TABLE_LENGTH)
    tables.set(table, made)
    return made
  }
  return {
    of(table, rowKey) {
      if (typeof rowKey === 'number') return concat(prefix(table), uint64(checkedNumber(rowKey)))
      const name = inDomain('muniment/store-row/1', concat(prefix(table), utf8(checkedName(rowKey))))
      return concat(prefix(table), cryptography.hmacSha256(key, name).subarray(0, NAME_LENGTH))
    },
    bounds: (table, { from, to }) => [concat(prefix(table), from), concat(prefix(table), to)],
    numberOf(storageKey) {
      const view = new DataView(storageKey.buffer, storageKey.byteOffset + TABLE_LENGTH, NUMBER_LENGTH)
      return Number(view.getBigUint64(0))
    },
  }
}

function checkedNumber(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new MunimentError('ERR_INVALID_ARGUMENT', 'the number of a row is whole, from 0 to 2^53−1')
}

function checkedName(name: string): string {
  if (name.length <= MAX_NAME) return name
  throw new MunimentError('ERR_INVALID_ARGUMENT', `a name has at most ${MAX_NAME} characters`)
}
