/** A row's key: a name, or a whole number from 0 to 2^53−1 that orders the rows of its table. */
export type RowKey = string | number

/** One row of a table. */
export interface Row<K extends RowKey = RowKey> {
  readonly key: K
  readonly value: Uint8Array
}

/** One change of a {@link Store.commit}: a row written, or (`value: undefined`) a row removed. */
export interface StoreChange {
  readonly table: string
  readonly key: RowKey
  readonly value: Uint8Array | undefined
}

/** Which rows of a numbered table to list: from and to are inclusive. */
export interface RowRange {
  readonly from?: number
  readonly to?: number
  readonly reverse?: boolean
  readonly limit?: number
  /** Called with the number of each row that does not open, which is then passed over; without it, the first one throws. */
  readonly onDamaged?: (key: number) => void
}

/** How to list a named table. */
export interface NamesOptions {
  /** Called for each row that does not open, which is then passed over; without it, the first one throws. */
  readonly onDamaged?: () => void
}

/**
 * Tables of rows on a disk that is not trusted: what is stored is sealed, tables and names are stored as HMACs, and
 * every row is bound to its place. A table holds either names or numbers, never both.
 *
 * Every read may throw `ERR_STORE_DAMAGED` (a row that does not open) or `ERR_STORE_CLOSED`.
 */
export interface Store {
  /** The row's value, or `undefined` when there is none. */
  get(table: string, key: RowKey): Promise<Uint8Array | undefined>
  /** The rows of a numbered table in order, read as the loop goes on. */
  list(table: string, range?: RowRange): AsyncIterable<Row<number>>
  /** The rows of a named table, in no promised order. */
  listNames(table: string, options?: NamesOptions): AsyncIterable<Row<string>>
  /**
   * Applies all changes or none. When it resolves, they are on disk and survive power loss; calls made at the same
   * time share one sync. Throws `ERR_STORE_FULL` when the disk has no room, and then nothing was changed.
   */
  commit(changes: readonly StoreChange[]): Promise<void>
  /**
   * Rewrites the files until nothing that was overwritten or removed before the call is in any of them. Reads that go on for
   * long hold it up. It costs as much as copying the store. Throws `ERR_STORE_FULL`; it may be called again.
   */
  purge(): Promise<void>
  /** Waits for commits under way, then releases the files. */
  close(): Promise<void>
}

/** One small object that is replaced as a whole, atomically and durably: the file of the keyring. */
export interface KeyringFile {
  /** The bytes of the last `replace` that resolved (or of one that a crash interrupted after it took effect). */
  read(): Promise<Uint8Array | undefined>
  /** Replaces the object; on disk when it resolves. */
  replace(bytes: Uint8Array): Promise<void>
}

/** Deflate (RFC 1951) as the platform has it. */
export interface Compression {
  deflate(bytes: Uint8Array): Uint8Array
  /** Inflates; throws `ERR_TOO_LARGE` past `limit` bytes of output and `ERR_MALFORMED` for bytes that are not deflated. */
  inflate(bytes: Uint8Array, limit: number): Uint8Array
}
