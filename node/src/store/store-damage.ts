/** What was found wrong with a store's files at its opening, and what came of it. */
export interface StoreDamage {
  /** The folder in which what was found is kept as it was. */
  readonly aside: string
  /** The files in which single bits were flipped, set right by their checksums. */
  readonly corrected: readonly { readonly file: string; readonly bits: number }[]
  /** What could not be set right; absent when all could. */
  readonly lost?: StoreLoss
}

/** What is gone from a store, as far as that can be told. */
export interface StoreLoss {
  /** Blocks of tables and runs of logs that do not read. */
  readonly parts: number
  /** Rows that are there and do not open. */
  readonly rows: number
  /** Files that are named and not there. */
  readonly missing: readonly string[]
}
