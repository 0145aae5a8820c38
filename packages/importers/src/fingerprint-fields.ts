import type { FieldValue, RecordDraft } from '@muniment/interface'
import { shortestDecimal, toDecimal } from './values/decimal.ts'

/**
 * The fields that say which bank line this is. The list is stored with every vault in the form of fingerprints, so a
 * change of it needs a new version number, or the same file imports twice.
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

/** What begins every list of {@link fingerprintFields}. */
export const FINGERPRINT_VERSION = 'muniment/import-fingerprint/1'

/**
 * What identifies a draft by its content, in a fixed order: a list to be encoded canonically and hashed. It holds the
 * bank's own id (FITID, AcctSvcrRef) together with the content, because banks use ids twice; it does not hold the
 * place or the file. Amounts that are equal give equal lists, `12.3` and `12.30`.
 *
 * Two equal drafts in one file are two records: the one who removes duplicates counts occurrences.
 */
export function fingerprintFields(draft: RecordDraft): readonly (string | null)[] {
  const identifying = IDENTIFYING.map((name) => canonicalText(name, draft.fields[name]))
  return [FINGERPRINT_VERSION, draft.collection, ...identifying]
}

function canonicalText(name: string, value: FieldValue | undefined): string | null {
  if (value === undefined || value === null) return null
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const decimal = name === 'amount' ? toDecimal(text) : undefined
  return decimal === undefined ? text : shortestDecimal(decimal)
}
