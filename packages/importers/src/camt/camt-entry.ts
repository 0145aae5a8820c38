import type { RecordDraft } from '@muniment/interface'
import { MAX_TITLE_LENGTH } from '../constants.ts'
import { type DraftFields, draftFields } from '../draft-fields.ts'
import type { ImportSink } from '../importer.ts'
import { all, at, type Element, firstText, textAt } from '../markup/element.ts'
import { cutText } from '../text/clean-text.ts'
import type { BankDate } from '../values/calendar.ts'
import { type Parsed, parsed } from '../values/parsed.ts'
import { parseCamtDate } from './camt-date.ts'
import { batchDetails, type EntryOfDetails, setDetails, setExchange } from './camt-details.ts'
import { indicatorOf, signedMoney } from './camt-money.ts'
import { accountId, agentId } from './camt-party.ts'

/** The statement, report or notification that an entry stands in. */
export interface CamtStatement {
  readonly account: Element | undefined
  /** When the bank made it (CreDtTm). */
  readonly created: string | undefined
}

/** The place of an entry, how many of its payments were too many to keep, and where to report. */
export interface CamtPlace {
  readonly where: string
  readonly leftOut: number
  readonly sink: ImportSink
}

const STATUS: ReadonlyMap<string, string> = new Map([
  ['BOOK', 'booked'],
  ['PDNG', 'pending'],
  ['INFO', 'information'],
  ['FUTR', 'future'],
])

/**
 * Maps an `Ntry`: one entry is one record, also when it books a batch, whose payments then stand in `details`.
 * The amount is the entry's own, because that is what the balance moved by.
 */
export function mapEntry(entry: Element, statement: CamtStatement, place: CamtPlace): Parsed<RecordDraft> {
  const { where, sink } = place
  const indicator = indicatorOf(entry)
  const money = signedMoney(at(entry, 'Amt'), indicator, textAt(statement.account, 'Ccy'))
  if (!money.ok) return money
  const fields = draftFields(sink, where)
  fields.text('account', accountId(statement.account))
  fields.text('bank', agentId(at(statement.account, 'Svcr')))
  fields.value('amount', money.value.amount)
  fields.value('currency', money.value.currency)
  const dates = setDates(fields, entry, place)
  const isReversal = ['true', '1'].includes(textAt(entry, 'RvslInd') ?? '')
  if (isReversal) fields.value('reversal', true)
  setCodes(fields, entry)
  setPayments(fields, entry, {
    indicator,
    isReversal,
    currency: money.value.currency,
    where,
    sink,
    leftOut: place.leftOut,
  })
  const created = readDate(statement.created)
  const time = dates?.instant ?? dates?.date ?? created?.instant ?? created?.date
  return parsed({
    collection: 'bank-transaction',
    title: cutText(title(fields), MAX_TITLE_LENGTH),
    ...(time === undefined ? {} : { time }),
    fields: fields.all(),
    place: where,
  })
}

/** A day from `Dt` or `DtTm`; `undefined` when there is none or it is not understood. */
export function readDate(text: string | undefined): BankDate | undefined {
  const date = text === undefined ? undefined : parseCamtDate(text)
  return date?.ok === true ? date.value : undefined
}

function setDates(fields: DraftFields, entry: Element, { where, sink }: CamtPlace): BankDate | undefined {
  const read = (name: string): BankDate | undefined => {
    const text = firstText(textAt(entry, name, 'DtTm'), textAt(entry, name, 'Dt'))
    const date = readDate(text)
    if (text !== undefined && date === undefined)
      sink.skip(where, `its ${name} is not a date; the entry is kept without`)
    return date
  }
  const booking = read('BookgDt')
  const value = read('ValDt')
  fields.value('bookingDate', booking?.date)
  fields.value('bookedAt', booking?.instant)
  fields.value('valueDate', value?.date)
  return booking ?? value
}

function setCodes(fields: DraftFields, entry: Element): void {
  const status = firstText(textAt(entry, 'Sts', 'Cd'), textAt(entry, 'Sts', 'Prtry'), textAt(entry, 'Sts'))
  fields.text('status', status === undefined ? undefined : (STATUS.get(status) ?? status))
  const domain = at(entry, 'BkTxCd', 'Domn')
  const code = [textAt(domain, 'Cd'), textAt(domain, 'Fmly', 'Cd'), textAt(domain, 'Fmly', 'SubFmlyCd')]
  const own = textAt(entry, 'BkTxCd', 'Prtry', 'Cd')
  const standard = code.filter((part) => part !== undefined).join('-')
  fields.text('kind', standard === '' ? own : standard)
  fields.text('bankKind', standard === '' ? undefined : own)
  fields.text('bankReference', firstText(textAt(entry, 'AcctSvcrRef'), textAt(entry, 'NtryRef')))
}

function setPayments(
  fields: DraftFields,
  entry: Element,
  context: EntryOfDetails & { readonly leftOut: number },
): void {
  const payments = [entry, ...all(entry, 'NtryDtls')].flatMap((parent) => all(parent, 'TxDtls'))
  const [only] = payments
  const count = payments.length + context.leftOut
  fields.text('information', textAt(entry, 'AddtlNtryInf'))
  if (only !== undefined && count === 1) {
    setOnlyPayment(fields, entry, only, context)
    return
  }
  setExchange(fields, entry, context.currency)
  if (count === 0) return
  const kept = batchDetails(payments, context)
  fields.value('payments', count)
  fields.value('details', kept)
  if (kept.length < count) {
    context.sink.skip(
      context.where,
      `${count - kept.length} of the ${count} payments in this batch were left out`,
    )
  }
}

function setOnlyPayment(fields: DraftFields, entry: Element, only: Element, context: EntryOfDetails): void {
  const information = fields.get('information')
  setDetails(fields, only, context)
  fields.text('information', information ?? fields.get('information'))
  if (fields.get('bankReference') === undefined) {
    fields.text('bankReference', textAt(only, 'Refs', 'AcctSvcrRef'))
  }
  setExchange(fields, at(entry, 'AmtDtls') === undefined ? only : entry, context.currency)
}

function title(fields: DraftFields): string {
  const batch = fields.all()['payments']
  const words = firstText(fields.get('counterparty'), fields.get('reference'), fields.get('information'))
  if (words !== undefined) return words
  if (typeof batch === 'number') return `Batch of ${batch} payments`
  return firstText(fields.get('kind'), fields.get('bankReference')) ?? 'Bank entry'
}
