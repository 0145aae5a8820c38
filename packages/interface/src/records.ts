import type { Did, Milliseconds } from './identifiers.ts'

/** How a record came here, from the weakest to the strongest: what it is trusted for (mission B3). */
export type Assurance = 'typed' | 'imported' | 'sent' | 'certified'

/** Where a record came from. */
export interface Provenance {
  readonly assurance: Assurance
  /** When it entered the vault. */
  readonly at: Milliseconds
  /** For an import: its id, the file's name, the format that was recognised, and the place in the file. */
  readonly importId?: string
  readonly file?: string
  readonly format?: string
  readonly place?: string
  /** For what an organisation sent or certified: who. */
  readonly organisation?: Did
}

/** A field's value. Amounts of money are decimal strings, dates ISO 8601 strings; there are no floats of money. */
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | readonly FieldValue[]
  | { readonly [name: string]: FieldValue }

/** The fields of one item, before the vault gives it an id. */
export interface RecordDraft {
  /** The kind of item, e.g. `bank-transaction`. */
  readonly collection: string
  /** One line that a person recognises it by. */
  readonly title: string
  /** When it happened: ISO 8601, a date or an instant. Absent for what has no time. */
  readonly time?: string
  readonly fields: { readonly [name: string]: FieldValue }
  /** The place in the file it came from, e.g. `line 42`. */
  readonly place?: string
}
