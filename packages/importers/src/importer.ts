import type { RecordDraft } from '@muniment/interface'

/** Something in the file that became no record, or not all of it. */
export interface Skipped {
  /** The place in the file, e.g. `transaction 3, line 42`. */
  readonly where: string
  /** One sentence in plain words. */
  readonly reason: string
}

/** A balance that the file states. Balances are shown beside an import; they are no transactions. */
export interface StatedBalance {
  readonly account?: string
  /** `OPBD`, `CLBD` and so on for CAMT (ISO 20022 external code set); `ledger` or `available` for OFX. */
  readonly type: string
  /** A signed decimal string. */
  readonly amount: string
  readonly currency: string
  /** ISO 8601 date. */
  readonly date?: string
}

/** What an import understood, and what it did not. */
export interface ImportReport {
  /** The format that the content showed, e.g. `ofx` or `camt.053`. */
  readonly format: string
  /** How many records were made. */
  readonly records: number
  readonly skipped: readonly Skipped[]
  /** Names of elements that the importer does not know, each once, in the order met. */
  readonly unknown: readonly string[]
  /** For each currency the exact sum of all records' signed amounts, as a decimal string. */
  readonly total: Readonly<Record<string, string>>
  readonly balances: readonly StatedBalance[]
}

/** Where a parser puts what it finds. */
export interface ImportSink {
  /** One record. Throws `ERR_TOO_LARGE` past the limit of rows. */
  draft(draft: RecordDraft): void
  skip(where: string, reason: string): void
  unknown(name: string): void
  balance(balance: StatedBalance): void
}

/** Reads a file's text as it comes. Both throw `ERR_MALFORMED` or `ERR_TOO_LARGE` for what is refused as a whole. */
export interface ImportParser {
  /** Takes the next part; false when nothing that follows can be understood, so that reading may stop. */
  write(text: string): boolean
  /** The text has ended. What was begun and is not whole is reported as skipped. */
  end(): void
}

/** One format: how it is recognised, how its bytes become text, and its parser. */
export interface Importer {
  readonly name: string
  /** The exact format when the head of the file is of this one. The name of the file decides nothing: content does. */
  sniff(head: Uint8Array, fileName: string): string | undefined
  /** The encoding that the head declares, as a WHATWG label; `utf-8` when it declares none. */
  encoding(head: Uint8Array): string
  parser(sink: ImportSink): ImportParser
}
