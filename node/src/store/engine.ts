/** One row written (or, without a value, removed) in terms of stored bytes. */
export interface WriteOperation {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

/** A stored range: both ends are inclusive. */
interface EngineRange {
  readonly first: Uint8Array
  readonly last: Uint8Array
  readonly reverse: boolean
  /** −1 for all. */
  readonly limit: number
}

/** An ordered key-value engine under the sealed store: Level on disk, or in memory. Its errors are MunimentErrors. */
export interface Engine {
  get(key: Uint8Array): Promise<Uint8Array | undefined>
  entries(range: EngineRange): AsyncIterable<readonly [Uint8Array, Uint8Array]>
  /** All or nothing, on disk when it resolves. Called again only after the call before it has ended. */
  write(operations: readonly WriteOperation[]): Promise<void>
  /**
   * Rewrites the files until nothing that was overwritten or removed before is in them. Never called during a `write`. False
   * when somebody read meanwhile, who may have held on to a file: then it is to be done again.
   */
  purge(): Promise<boolean>
  /** Resolves when nobody reads entries. */
  idle(): Promise<void>
  close(): Promise<void>
}
