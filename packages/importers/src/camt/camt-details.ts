import type { FieldValue } from '@muniment/interface'
import { MAX_DETAILS_BYTES } from '../constants.ts'
import { type DraftFields, draftFields } from '../draft-fields.ts'
import type { ImportSink } from '../importer.ts'
import { all, at, type Element, firstText, textAt } from '../markup/element.ts'
import { amountText, parseAmount } from '../values/amount.ts'
import { indicatorOf, signedMoney, unsignedMoney } from './camt-money.ts'
import { counterparty } from './camt-party.ts'

/** What a payment takes from the entry it stands in. */
export interface EntryOfDetails {
  readonly indicator: string | undefined
  readonly isReversal: boolean
  readonly currency: string
  readonly where: string
  readonly sink: ImportSink
}

/** Sets who, why and under which references: of an entry with one payment, or of one payment in a batch. */
export function setDetails(fields: DraftFields, details: Element, entry: EntryOfDetails): void {
  const isIncoming = (indicatorOf(details) ?? entry.indicator) === 'CRDT'
  const party = counterparty(details, isIncoming, entry.isReversal)
  fields.text('counterparty', party.name)
  fields.text('counterpartyAccount', party.account)
  fields.text('counterpartyBank', party.bank)
  fields.text('reference', remittance(at(details, 'RmtInf')))
  const references = at(details, 'Refs')
  fields.text('endToEndId', provided(textAt(references, 'EndToEndId')))
  fields.text('mandate', provided(textAt(references, 'MndtId')))
  fields.text('transactionId', provided(firstText(textAt(references, 'UETR'), textAt(references, 'TxId'))))
  fields.text('instructionId', provided(textAt(references, 'InstrId')))
  fields.text('checkNumber', textAt(references, 'ChqNb'))
  fields.text('purpose', firstText(textAt(details, 'Purp', 'Cd'), textAt(details, 'Purp', 'Prtry')))
  fields.text(
    'returnReason',
    firstText(textAt(details, 'RtrInf', 'Rsn', 'Cd'), textAt(details, 'RtrInf', 'AddtlInf')),
  )
  fields.text('information', textAt(details, 'AddtlTxInf'))
}

/** The payments of a batch, as many as there is room for. */
export function batchDetails(payments: readonly Element[], entry: EntryOfDetails): readonly FieldValue[] {
  const kept: FieldValue[] = []
  let bytes = 0
  for (const payment of payments) {
    const fields = draftFields(entry.sink, entry.where)
    const indicator = indicatorOf(payment) ?? entry.indicator
    const amount = at(payment, 'Amt') ?? at(payment, 'AmtDtls', 'TxAmt', 'Amt')
    const money = signedMoney(amount, indicator, entry.currency)
    if (money.ok) {
      fields.value('amount', money.value.amount)
      fields.value('currency', money.value.currency)
    }
    fields.text('bankReference', textAt(payment, 'Refs', 'AcctSvcrRef'))
    setDetails(fields, payment, entry)
    bytes += fields.bytes()
    if (bytes > MAX_DETAILS_BYTES) break
    kept.push(fields.all())
  }
  return kept
}

/** What the payer ordered in another currency, and the rate it was exchanged at. */
export function setExchange(fields: DraftFields, from: Element, currency: string): void {
  const details = at(from, 'AmtDtls')
  const parts = ['InstdAmt', 'TxAmt', 'CntrValAmt', 'AnncdPstngAmt'].map((name) => at(details, name))
  const foreign = parts
    .map((part) => unsignedMoney(at(part, 'Amt')))
    .find((money) => money.ok && money.value.currency !== currency)
  if (foreign?.ok === true) {
    fields.value('originalAmount', foreign.value.amount)
    fields.value('originalCurrency', foreign.value.currency)
  }
  const rate = firstText(...parts.map((part) => textAt(part, 'CcyXchg', 'XchgRate')))
  const exchange = rate === undefined ? undefined : parseAmount(rate)
  if (exchange?.ok === true) fields.value('exchangeRate', amountText(exchange.value))
}

/** What the payer wrote: free text, and structured references of the creditor. */
function remittance(information: Element | undefined): string | undefined {
  const free = all(information, 'Ustrd').map((line) => line.text)
  const structured = all(information, 'Strd')
  const references = structured.map(
    (part) => firstText(textAt(part, 'CdtrRefInf', 'Ref'), textAt(part, 'CdtrRefInf', 'CdtrRef')) ?? '',
  )
  const additional = structured.flatMap((part) => all(part, 'AddtlRmtInf')).map((line) => line.text)
  const lines = [...free, ...references, ...additional]
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return lines.length === 0 ? undefined : [...new Set(lines)].join(' ')
}

/** `NOTPROVIDED` is what banks write for a reference that there is not (EPC rulebooks). */
function provided(reference: string | undefined): string | undefined {
  return reference?.toUpperCase() === 'NOTPROVIDED' ? undefined : reference
}
