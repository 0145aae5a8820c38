import type { ImportParser, ImportSink } from '../importer.ts'
import { type Element, textAt } from '../markup/element.ts'
import { markupReader } from '../markup/markup-reader.ts'
import { recordBuilder } from '../markup/record-builder.ts'
import { amountText, parseAmount } from '../values/amount.ts'
import { NO_CURRENCY, parseCurrency } from '../values/currency.ts'
import { parseOfxDate } from './ofx-date.ts'
import { ofxElements } from './ofx-elements.ts'
import { OFX_AGGREGATES, OFX_VALUES } from './ofx-names.ts'
import { mapStatementTransaction, mapTransfer, type OfxStatement } from './ofx-transaction.ts'

/** Aggregates that begin a statement: its currency and account hold until the next one. */
const STATEMENTS = new Set(['STMTRS', 'CCSTMTRS', 'INVSTMTRS', 'LOANSTMTRS', 'INTRATRNRS'])

/** What is built as a tree; everything else is only passed through. */
const CAPTURED = new Set([
  'STMTTRN',
  'STMTTRNP',
  'INTRARS',
  'CURDEF',
  'BANKACCTFROM',
  'CCACCTFROM',
  'INVACCTFROM',
  'LOANACCTFROM',
  'LEDGERBAL',
  'AVAILBAL',
  'STATUS',
])

const TRANSACTIONS = new Set(['STMTTRN', 'STMTTRNP', 'INTRARS'])

/** Lists whose other children are transactions of a kind that makes no bank record. */
const OTHER_LISTS = new Set(['INVTRANLIST', 'LOANTRANLIST'])

/** A parser of OFX 1 (SGML) and OFX 2 (XML): the same elements, with or without their end tags. */
export function ofxParser(sink: ImportSink): ImportParser {
  const reading = ofxReading(sink)
  const reader = markupReader(
    {
      open: (name, line) => reading.elements.open(name, line),
      attribute: () => undefined,
      text: (text) => reading.elements.text(text),
      close: (name) => reading.elements.close(name),
    },
    false,
  )
  return {
    write(text) {
      reader.write(text)
      return true
    },
    end() {
      const openTransaction = reading.openTransaction()
      const isWhole = reading.elements.path().length === 0
      reader.end()
      if (isWhole) return
      const place = openTransaction ?? `line ${reader.line()}`
      const inside = openTransaction === undefined ? 'before its end' : 'in the middle of this transaction'
      sink.skip(place, `the file ends ${inside}; what came after is missing`)
    },
  }
}

interface OfxReading {
  readonly elements: ReturnType<typeof ofxElements>
  /** The place of the transaction that is open, if one is. */
  openTransaction(): string | undefined
}

function ofxReading(sink: ImportSink): OfxReading {
  const builder = recordBuilder()
  let statement: OfxStatement = { currency: undefined, account: undefined }
  let transactions = 0
  let transaction: string | undefined
  const complete = (captured: Element): void => {
    if (captured.name === 'CURDEF') statement = { ...statement, currency: captured.text.trim() || undefined }
    else if (captured.name.endsWith('ACCTFROM')) statement = { ...statement, account: captured }
    else if (captured.name === 'STATUS') reportStatus(captured, sink)
    else if (captured.name.endsWith('BAL')) reportBalance(captured, statement, sink)
    else if (transaction !== undefined) {
      const map = captured.name === 'INTRARS' ? mapTransfer : mapStatementTransaction
      const mapped = map(captured, statement, { where: transaction, sink })
      if (mapped.ok) sink.draft(mapped.value)
      else sink.skip(transaction, mapped.reason)
      transaction = undefined
    }
  }
  const elements = ofxElements({
    open(name, line, parents) {
      if (STATEMENTS.has(name)) statement = { currency: undefined, account: undefined }
      if (!OFX_VALUES.has(name) && !OFX_AGGREGATES.has(name)) sink.unknown(name)
      if (!builder.isOpen() && isOtherTransaction(name, parents)) {
        sink.skip(`line ${line}`, `a transaction of the kind ${name} makes no bank record`)
      }
      if (!builder.isOpen() && !CAPTURED.has(name)) return
      if (!builder.isOpen() && TRANSACTIONS.has(name)) {
        transactions += 1
        transaction = `transaction ${transactions}, line ${line}`
      }
      builder.open(name, line)
    },
    text: (text) => builder.text(text),
    close() {
      const done = builder.close()
      if (done !== undefined) complete(done)
    },
  })
  return { elements, openTransaction: () => transaction }
}

function isOtherTransaction(name: string, parents: readonly string[]): boolean {
  const isListed = OTHER_LISTS.has(parents.at(-1) ?? '')
  return isListed && !OFX_VALUES.has(name) && !TRANSACTIONS.has(name) && name !== 'INVBANKTRAN'
}

/** A bank may answer with an error in place of a statement (OFX 2.3, section 3.1.5). */
function reportStatus(status: Element, sink: ImportSink): void {
  if (textAt(status, 'SEVERITY')?.toUpperCase() !== 'ERROR') return
  const code = textAt(status, 'CODE')?.slice(0, 10) ?? 'without a code'
  sink.skip(`line ${status.line}`, `the bank reports an error in place of a part: ${code}`)
}

function reportBalance(balance: Element, statement: OfxStatement, sink: ImportSink): void {
  const currency = statement.currency === undefined ? NO_CURRENCY : parseCurrency(statement.currency)
  const amount = parseAmount(textAt(balance, 'BALAMT') ?? '', currency)
  if (!amount.ok || currency === undefined) {
    sink.skip(`line ${balance.line}`, 'a balance is not understood')
    return
  }
  const account = textAt(statement.account, 'ACCTID')
  const date = parseOfxDate(textAt(balance, 'DTASOF') ?? '')
  sink.balance({
    ...(account === undefined ? {} : { account }),
    type: balance.name === 'LEDGERBAL' ? 'ledger' : 'available',
    amount: amountText(amount.value),
    currency,
    ...(date.ok ? { date: date.value.date } : {}),
  })
}
