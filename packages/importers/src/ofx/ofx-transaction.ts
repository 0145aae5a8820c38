import type { RecordDraft } from '@muniment/interface'
import { MAX_TITLE_LENGTH } from '../constants.ts'
import { type DraftFields, draftFields } from '../draft-fields.ts'
import type { ImportSink } from '../importer.ts'
import { at, type Element, firstText, textAt } from '../markup/element.ts'
import { cutText } from '../text/clean-text.ts'
import { amountText, parseAmount } from '../values/amount.ts'
import type { BankDate } from '../values/calendar.ts'
import { NO_CURRENCY, parseCurrency } from '../values/currency.ts'
import { notParsed, type Parsed, parsed } from '../values/parsed.ts'
import { parseOfxDate } from './ofx-date.ts'

/** The statement that a transaction stands in. */
export interface OfxStatement {
  readonly currency: string | undefined
  readonly account: Element | undefined
}

/** The place of a transaction and where to report. */
export interface OfxPlace {
  readonly where: string
  readonly sink: ImportSink
}

/**
 * Maps STMTTRN, and STMTTRNP for what is pending (OFX 2.3, section 11.4.4). TRNAMT keeps its sign: it is already
 * seen from the account. `CURRENCY` says what the amount is in; `ORIGCURRENCY` says what it was converted from.
 */
export function mapStatementTransaction(
  transaction: Element,
  statement: OfxStatement,
  { where, sink }: OfxPlace,
): Parsed<RecordDraft> {
  const isPending = transaction.name === 'STMTTRNP'
  const posted = postedDate(transaction)
  if (!posted.ok) return posted
  const fields = draftFields(sink, where)
  setAccount(fields, '', statement.account)
  const money = setMoney(fields, transaction, statement)
  if (!money.ok) return money
  setDates(fields, transaction, posted.value, isPending)
  setParties(fields, transaction)
  fields.text('kind', textAt(transaction, 'TRNTYPE'))
  fields.value('status', isPending ? 'pending' : 'booked')
  fields.text('bankReference', textAt(transaction, 'FITID'))
  fields.text('referenceNumber', textAt(transaction, 'REFNUM'))
  fields.text('checkNumber', textAt(transaction, 'CHECKNUM'))
  fields.text('corrects', textAt(transaction, 'CORRECTFITID'))
  fields.text('correction', textAt(transaction, 'CORRECTACTION'))
  return parsed(draft(fields, posted.value, where))
}

/**
 * Maps INTRARS, a transfer between two accounts of one bank (OFX 2.3, section 11.7.2). The amount is TRNAMT as the
 * bank wrote it, counted along the transfer: from `account` to `counterpartyAccount`.
 */
export function mapTransfer(
  transfer: Element,
  statement: OfxStatement,
  { where, sink }: OfxPlace,
): Parsed<RecordDraft> {
  const information = at(transfer, 'XFERINFO')
  if (information === undefined) return notParsed('the transfer says nothing of what was transferred')
  const posted = postedDate(transfer)
  if (!posted.ok) return posted
  const fields = draftFields(sink, where)
  setAccount(fields, '', at(information, 'BANKACCTFROM') ?? at(information, 'CCACCTFROM'))
  const currency = textAt(transfer, 'CURDEF') ?? statement.currency
  const money = setMoney(fields, information, { account: undefined, currency })
  if (!money.ok) return money
  setDates(fields, transfer, posted.value, false)
  setAccount(fields, 'counterparty', at(information, 'BANKACCTTO') ?? at(information, 'CCACCTTO'))
  fields.value('kind', 'XFER')
  fields.value('status', textAt(transfer, 'DTPOSTED') === undefined ? 'pending' : 'booked')
  fields.text('bankReference', textAt(transfer, 'SRVRTID'))
  return parsed(draft(fields, posted.value, where))
}

/** The statement's account under names that begin with `prefix`. */
export function setAccount(fields: DraftFields, prefix: string, account: Element | undefined): void {
  const name = (word: string): string =>
    prefix === '' ? word : prefix + word.charAt(0).toUpperCase() + word.slice(1)
  fields.text(name('account'), textAt(account, 'ACCTID'))
  fields.text(name('bank'), firstText(textAt(account, 'BANKID'), textAt(account, 'BROKERID')))
  fields.text(name('branch'), textAt(account, 'BRANCHID'))
  fields.text(name('accountType'), textAt(account, 'ACCTTYPE'))
}

/** The day, and the reason when there is none: without it the line belongs nowhere in a statement. */
function postedDate(transaction: Element): Parsed<BankDate> {
  const names = ['DTPOSTED', 'DTUSER', 'DTTRAN', 'DTXFERPRC', 'DTDUE', 'DTAVAIL']
  const texts = names.map((name) => textAt(transaction, name) ?? textAt(transaction, 'XFERINFO', name))
  const text = firstText(...texts)
  return text === undefined ? notParsed('it has no date (DTPOSTED)') : parseOfxDate(text)
}

function setMoney(fields: DraftFields, transaction: Element, statement: OfxStatement): Parsed<true> {
  const stated = firstText(textAt(transaction, 'CURRENCY', 'CURSYM'), statement.currency)
  const currency = stated === undefined ? NO_CURRENCY : parseCurrency(stated)
  if (currency === undefined) return notParsed('its currency is not three letters')
  const text = textAt(transaction, 'TRNAMT')
  if (text === undefined) return notParsed('it has no amount (TRNAMT)')
  const amount = parseAmount(text, currency)
  if (!amount.ok) return amount
  fields.value('amount', amountText(amount.value))
  fields.value('currency', currency)
  fields.value('originalCurrency', parseCurrency(textAt(transaction, 'ORIGCURRENCY', 'CURSYM')))
  const rate = firstText(
    textAt(transaction, 'CURRENCY', 'CURRATE'),
    textAt(transaction, 'ORIGCURRENCY', 'CURRATE'),
  )
  fields.text('exchangeRate', rate)
  return parsed(true)
}

function setDates(fields: DraftFields, transaction: Element, posted: BankDate, isPending: boolean): void {
  fields.value(isPending ? 'transactionDate' : 'bookingDate', posted.date)
  fields.value('bookedAt', isPending ? undefined : posted.instant)
  fields.value('valueDate', dateOf(textAt(transaction, 'DTAVAIL')))
  fields.value('initiatedDate', dateOf(textAt(transaction, 'DTUSER')))
}

function dateOf(text: string | undefined): string | undefined {
  const date = text === undefined ? undefined : parseOfxDate(text)
  return date?.ok === true ? date.value.date : undefined
}

function setParties(fields: DraftFields, transaction: Element): void {
  const payee = at(transaction, 'PAYEE') ?? at(transaction, 'EXTDPAYEE')
  const name = firstText(textAt(transaction, 'NAME'), textAt(payee, 'NAME'), textAt(transaction, 'EXTDNAME'))
  fields.text('counterparty', name)
  setAccount(fields, 'counterparty', at(transaction, 'BANKACCTTO') ?? at(transaction, 'CCACCTTO'))
  fields.text('reference', textAt(transaction, 'MEMO'))
}

function draft(fields: DraftFields, posted: BankDate, where: string): RecordDraft {
  const title = firstText(
    fields.get('counterparty'),
    fields.get('reference'),
    fields.get('counterpartyAccount'),
    fields.get('kind'),
  )
  return {
    collection: 'bank-transaction',
    title: cutText(title ?? 'Bank transaction', MAX_TITLE_LENGTH),
    time: posted.instant ?? posted.date,
    fields: fields.all(),
    place: where,
  }
}
