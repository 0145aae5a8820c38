import Table from 'cli-table3'
import pico from 'picocolors'
import encodeQR from 'qr'
import { isMunimentError } from '@muniment/interface'
import type { JsonObject, JsonValue } from '../control/actions.ts'
import { isJsonObject } from '../control/lines.ts'

/** Prints one JSON object on standard output. */
export function printJson(value: JsonValue): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** Prints a line for a person. */
export function printLine(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Prints a note that is not part of the answer. */
export function printNote(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Shows a link as a QR for a person's phone, when somebody looks at this terminal. */
export function printQr(link: string): void {
  if (process.stderr.isTTY) printNote(encodeQR(link, 'ascii'))
}

/** Prints rows as a table with the named columns; values are shown without control characters. */
export function printTable(columns: readonly string[], rows: readonly JsonObject[]): void {
  const table = new Table({
    head: columns.map((column) => pico.bold(column)),
    style: { head: [], border: [] },
  })
  for (const row of rows) table.push(columns.map((column) => plain(row[column])))
  printLine(table.toString())
}

/** Prints the members of an object, a line each. */
export function printMembers(value: JsonValue): void {
  if (!isJsonObject(value)) {
    printLine(plain(value))
    return
  }
  for (const [name, member] of Object.entries(value)) printLine(`${pico.bold(name)}: ${plain(member)}`)
}

/** A value as text that cannot move the cursor, change colours or turn the direction of writing. */
export function plain(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD')
}

/** Prints an error: in JSON `{error: {code, message}}`, else its sentence and its code. */
export function printError(error: unknown, { json }: { json: boolean }): void {
  const code = isMunimentError(error) ? error.code : 'ERR_INTERNAL'
  const message = error instanceof Error ? error.message : String(error)
  if (json) printJson({ error: { code, message } })
  else printNote(`${pico.red('✗')} ${plain(message)} (${code})`)
}
