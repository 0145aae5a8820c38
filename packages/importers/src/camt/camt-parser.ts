import { MunimentError } from '@muniment/interface'
import { MAX_DEPTH, MAX_DETAILS } from '../constants.ts'
import type { ImportParser, ImportSink } from '../importer.ts'
import { at, type Element, firstText, textAt } from '../markup/element.ts'
import { markupReader } from '../markup/markup-reader.ts'
import { recordBuilder } from '../markup/record-builder.ts'
import { type CamtStatement, mapEntry, readDate } from './camt-entry.ts'
import { CAMT_NAMES } from './camt-names.ts'
import { indicatorOf, signedMoney } from './camt-money.ts'
import { accountId } from './camt-party.ts'

/** A statement (053), a report (052) or a notification (054): what entries stand in. */
const STATEMENTS = new Set(['Stmt', 'Rpt', 'Ntfctn'])

/** Children of those that are built as a tree; everything else is only passed through. */
const CAPTURED = new Set(['Acct', 'Bal', 'CreDtTm', 'Ntry'])

/** A parser of camt.052, 053 and 054 in every version: what differs between them is looked up under both names. */
export function camtParser(sink: ImportSink): ImportParser {
  const reading = camtReading(sink)
  const reader = markupReader(reading, true)
  return {
    write(text) {
      reader.write(text)
      return !reading.isBroken()
    },
    end() {
      reader.end()
      if (reading.isBroken()) return
      if (reading.isWhole()) {
        if (reading.statements() === 0) sink.skip(`line ${reader.line()}`, 'the file holds no statement')
        return
      }
      const place = reading.openEntry()
      const inside = place === undefined ? 'before its end' : 'in the middle of this transaction'
      sink.skip(place ?? `line ${reader.line()}`, `the file ends ${inside}; what came after is missing`)
    },
  }
}

interface CamtReading {
  open(name: string, line: number): void
  attribute(name: string, value: string): void
  text(text: string): void
  close(name: string, line: number): void
  /** True once an end tag did not fit: nothing after it can be trusted. */
  isBroken(): boolean
  /** True when nothing is open. */
  isWhole(): boolean
  /** How many statements were met. */
  statements(): number
  /** The place of the entry that is open, if one is. */
  openEntry(): string | undefined
}

function camtReading(sink: ImportSink): CamtReading {
  const path: string[] = []
  const entries = entryReading(sink)
  let isBroken = false
  let statements = 0
  return {
    open(tag, line) {
      if (isBroken) return
      if (path.length >= MAX_DEPTH) {
        throw new MunimentError('ERR_TOO_LARGE', `elements nest deeper than ${MAX_DEPTH}`)
      }
      const name = localName(tag)
      const parent = localName(path.at(-1) ?? '')
      path.push(tag)
      if (STATEMENTS.has(name)) statements += 1
      entries.open(name, line, parent)
    },
    attribute(name, value) {
      if (!isBroken) entries.attribute(localName(name), value)
    },
    text(text) {
      if (!isBroken) entries.text(text)
    },
    close(tag, line) {
      if (isBroken) return
      isBroken = path.pop() !== tag
      if (isBroken)
        sink.skip(
          entries.place() ?? `line ${line}`,
          `the XML is damaged in line ${line}; the rest was not read`,
        )
      else entries.close()
    },
    isBroken: () => isBroken,
    statements: () => statements,
    isWhole: () => path.length === 0,
    openEntry: () => entries.place(),
  }
}

interface EntryReading {
  open(name: string, line: number, parent: string): void
  attribute(name: string, value: string): void
  text(text: string): void
  close(): void
  place(): string | undefined
}

function entryReading(sink: ImportSink): EntryReading {
  const builder = recordBuilder()
  let statement: CamtStatement = { account: undefined, created: undefined }
  let entries = 0
  let payments = 0
  let place: string | undefined
  const complete = (captured: Element): void => {
    if (captured.name === 'Acct') statement = { ...statement, account: captured }
    else if (captured.name === 'CreDtTm') statement = { ...statement, created: captured.text.trim() }
    else if (captured.name === 'Bal') reportBalance(captured, statement, sink)
    else if (place !== undefined) {
      const leftOut = Math.max(0, payments - MAX_DETAILS)
      const mapped = mapEntry(captured, statement, { where: place, leftOut, sink })
      if (mapped.ok) sink.draft(mapped.value)
      else sink.skip(place, mapped.reason)
      place = undefined
    }
  }
  const isKept = ({ name }: Element): boolean => {
    if (name === 'TxDtls') payments += 1
    return name !== 'TxDtls' || payments <= MAX_DETAILS
  }
  return {
    open(name, line, parent) {
      const isInside = builder.isOpen()
      if ((isInside || STATEMENTS.has(parent)) && !CAMT_NAMES.has(name)) sink.unknown(name)
      if (STATEMENTS.has(name) && !isInside) statement = { account: undefined, created: undefined }
      if (!isInside && !(STATEMENTS.has(parent) && CAPTURED.has(name))) return
      if (!isInside && name === 'Ntry') {
        entries += 1
        payments = 0
        place = `transaction ${entries}, line ${line}`
      }
      builder.open(name, line)
    },
    attribute(name, value) {
      if (name === 'Ccy') builder.currency(value)
    },
    text: (text) => builder.text(text),
    close() {
      const done = builder.close(isKept)
      if (done !== undefined) complete(done)
    },
    place: () => place,
  }
}

function reportBalance(balance: Element, statement: CamtStatement, sink: ImportSink): void {
  const type = at(balance, 'Tp')
  const code = firstText(
    textAt(type, 'CdOrPrtry', 'Cd'),
    textAt(type, 'CdOrPrtry', 'Prtry'),
    textAt(type, 'Cd'),
  )
  const money = signedMoney(at(balance, 'Amt'), indicatorOf(balance), textAt(statement.account, 'Ccy'))
  if (!money.ok) {
    sink.skip(`line ${balance.line}`, 'a balance is not understood')
    return
  }
  const account = accountId(statement.account)
  const date = readDate(firstText(textAt(balance, 'Dt', 'DtTm'), textAt(balance, 'Dt', 'Dt')))
  sink.balance({
    ...(account === undefined ? {} : { account }),
    type: code?.slice(0, 35) ?? 'unknown',
    ...money.value,
    ...(date === undefined ? {} : { date: date.date }),
  })
}

function localName(tag: string): string {
  return tag.slice(tag.indexOf(':') + 1)
}
