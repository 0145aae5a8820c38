import type { FieldValue, RecordDraft } from '@muniment/interface'
import { shortestDecimal, toDecimal } from './values/decimal.ts'

/**
 * The fields that say which bank line this is. The list is stored with every vault in the form of fingerprints, so a
 * change of it needs a new {@link FINGERPRINT_VERSION}, or the same file imports twice.
 */
const IDENTIFYING = [
  'account',
  'bankReference',
  'amount',
  'currency',
  'bookingDate',
  'valueDate',
  'status',
  'kind',
  'reversal',
  'counterparty',
  'counterpartyAccount',
  'reference',
  'endToEndId',
  'transactionId',
  'checkNumber',
] as const

/** Names this way of telling records apart. Fingerprints of different versions are never compared. */
export const FINGERPRINT_VERSION = 'bank-line/1'

/**
 * What identifies a draft by its content, in a fixed order: a list to be encoded canonically and hashed. It holds the
 * bank's own id (FITID, AcctSvcrRef) together with the content, because banks use ids twice; it does not hold the
 * place or the file. Amounts that are equal give equal lists, `12.3` and `12.30`.
 *
 * Two equal drafts in one file are two records: the one who removes duplicates counts occurrences.
 */
export function fingerprintFields(draft: RecordDraft): readonly (string | null)[] {
  const identifying = IDENTIFYING.map((name) => canonicalText(name, draft.fields[name]))
  return [draft.collection, ...identifying]
}

/** How a vault tells whether it holds a record already: give it to `addImport`. */
export interface ImportFingerprint {
  readonly version: string
  /** What is equal for the same bank line; the vault encodes it canonically and hashes it. */
  of(draft: RecordDraft): readonly (string | null)[]
}

/** {@link fingerprintFields} as a vault takes them. */
export const importFingerprint: ImportFingerprint = { version: FINGERPRINT_VERSION, of: fingerprintFields }

function canonicalText(name: string, value: FieldValue | undefined): string | null {
  if (value === undefined || value === null) return null
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const decimal = name === 'amount' ? toDecimal(text) : undefined
  return decimal === undefined ? text : shortestDecimal(decimal)
}
