import type { Importer } from '../importer.ts'
import { firstElement, headText, xmlEncoding } from '../text/head-text.ts'
import { camtParser } from './camt-parser.ts'

/** The message's root in each version; it stands in `Document`, which other elements may wrap. */
const ROOTS: readonly (readonly [RegExp, string])[] = [
  [/BkToCstmrAcctRpt(V\d+)?[\s>/]/, 'camt.052'],
  [/BkToCstmrStmt(V\d+)?[\s>/]/, 'camt.053'],
  [/BkToCstmrDbtCdtNtfctn(V\d+)?[\s>/]/, 'camt.054'],
]

/** CAMT.052, 053 and 054 (ISO 20022 bank to customer cash management), every version. */
export const camtImporter: Importer = {
  name: 'camt',
  sniff: sniffCamt,
  encoding: (head) => xmlEncoding(headText(head)) ?? 'utf-8',
  parser: camtParser,
}

function sniffCamt(head: Uint8Array): string | undefined {
  const text = headText(head)
  const root = firstElement(text)
  if (root === undefined || root.toUpperCase() === 'OFX') return undefined
  const namespace = /urn:[\w:.-]{0,60}:xsd:\$?(camt\.05[234])\b/.exec(text)?.[1]
  return namespace ?? ROOTS.find(([form]) => form.test(text))?.[1]
}
