/** What is counted in an archive. */
export type Counted = 'records' | 'ledgerEntries' | 'copies'

/** One file of an archive. */
export interface ArchiveFile {
  /** Relative, with `/`. */
  readonly path: string
  readonly bytes: Uint8Array
  /** What it holds, and how many. */
  readonly holds?: { readonly what: Counted; readonly count: number }
}
