import { MunimentError, type RecordDraft } from '@muniment/interface'
import { MAX_REPORTED, MAX_ROWS } from './constants.ts'
import type { ImportReport, ImportSink, Skipped, StatedBalance } from './importer.ts'
import { cleanText, cutText } from './text/clean-text.ts'
import { addDecimals, type Decimal, formatDecimal, toDecimal, ZERO } from './values/decimal.ts'

/** Characters of an unknown element's name that are reported. */
const MAX_NAME_LENGTH = 80

/** Collects drafts until they are taken, and all that a report says. */
export interface ReportWriter {
  readonly sink: ImportSink
  /** The drafts since the last call. */
  take(): readonly RecordDraft[]
  report(): ImportReport
}

/** A report with nothing in it yet. Lists are cut at {@link MAX_REPORTED}, and the cut is their last line. */
export function reportWriter(format: string): ReportWriter {
  let drafts: RecordDraft[] = []
  let records = 0
  const skipped: Skipped[] = []
  let skippedMore = 0
  const unknown = new Set<string>()
  const balances: StatedBalance[] = []
  const totals = new Map<string, Decimal>()
  const sink: ImportSink = {
    draft(draft) {
      records += 1
      if (records > MAX_ROWS) {
        throw new MunimentError('ERR_TOO_LARGE', `the file holds more than ${MAX_ROWS} records`)
      }
      drafts.push(draft)
      addTo(totals, draft)
    },
    skip(where, reason) {
      if (skipped.length < MAX_REPORTED) skipped.push({ where, reason })
      else skippedMore += 1
    },
    unknown(name) {
      const clean = cutText(cleanText(name) ?? '', MAX_NAME_LENGTH)
      if (unknown.size < MAX_REPORTED) unknown.add(clean)
    },
    balance(balance) {
      if (balances.length < MAX_REPORTED) balances.push(balance)
    },
  }
  return {
    sink,
    take() {
      const taken = drafts
      drafts = []
      return taken
    },
    report: () => ({
      format,
      records,
      skipped:
        skippedMore === 0
          ? [...skipped]
          : [...skipped, { where: 'elsewhere', reason: `${skippedMore} more` }],
      unknown: [...unknown],
      total: Object.fromEntries([...totals].map(([currency, sum]) => [currency, formatDecimal(sum)])),
      balances: [...balances],
    }),
  }
}

function addTo(totals: Map<string, Decimal>, draft: RecordDraft): void {
  const { amount, currency } = draft.fields
  if (typeof amount !== 'string' || typeof currency !== 'string') return
  const value = toDecimal(amount)
  if (value !== undefined) totals.set(currency, addDecimals(totals.get(currency) ?? ZERO, value))
}
