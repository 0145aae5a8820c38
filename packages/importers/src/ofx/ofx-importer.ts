import type { Importer } from '../importer.ts'
import { firstElement, headText, xmlEncoding } from '../text/head-text.ts'
import { ofxParser } from './ofx-parser.ts'

/** OFX 1.x (SGML) and 2.x (XML), QFX included: a bank's, a card's or a broker's statement. */
export const ofxImporter: Importer = {
  name: 'ofx',
  sniff: (head) => (firstElement(headText(head))?.toUpperCase() === 'OFX' ? 'ofx' : undefined),
  encoding: ofxEncoding,
  parser: ofxParser,
}

/** The head of OFX 1 names an ENCODING and a CHARSET (OFX 1.6, section 2.2), that of OFX 2 is XML's. */
function ofxEncoding(head: Uint8Array): string {
  const text = headText(head)
  const xml = xmlEncoding(text)
  if (xml !== undefined) return xml
  const header = text.split('<', 1)[0] ?? ''
  const encoding = /\bENCODING\s*:\s*([\w-]+)/i.exec(header)?.[1]?.toUpperCase() ?? ''
  const charset = /\bCHARSET\s*:\s*([\w-]+)/i.exec(header)?.[1]?.toLowerCase() ?? ''
  if (/^(UTF-?8|UNICODE)$/.test(encoding)) return 'utf-8'
  return charsetLabel(charset) ?? (encoding === 'USASCII' ? 'windows-1252' : 'utf-8')
}

const CODE_PAGES: ReadonlyMap<string, string> = new Map([
  ['932', 'shift_jis'],
  ['936', 'gbk'],
  ['949', 'euc-kr'],
  ['950', 'big5'],
])

function charsetLabel(charset: string): string | undefined {
  if (charset === '' || charset === 'none') return undefined
  if (/^(cp|windows-)?125\d$/.test(charset)) return `windows-${charset.slice(-4)}`
  if (/^8859-\d{1,2}$/.test(charset)) return `iso-${charset}`
  return CODE_PAGES.get(charset) ?? charset
}
