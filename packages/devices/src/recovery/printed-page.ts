import encodeQR from 'qr'

/** What stands on a page that is printed: the same as text and as HTML. */
export interface PrintedPage {
  readonly language: string
  readonly title: string
  /** What is known of it: key id, date. */
  readonly facts: readonly (readonly [name: string, value: string])[]
  /** The words or letters to keep, in lines of numbered items. */
  readonly items: readonly string[]
  readonly columns: number
  /** What the QR code holds. */
  readonly link: string
  /** What it is for, a section for each language. */
  readonly sections: readonly { readonly language: string; readonly lines: readonly string[] }[]
}

/** The page as plain text, for a printer that knows nothing else. It has no QR code; the link stands at the end. */
export function pageText({ title, facts, items, columns, link, sections }: PrintedPage): string {
  const width = Math.max(...items.map((item) => item.length)) + 5
  const numbered = items.map((item, index) => `${String(index + 1).padStart(3)} ${item}`.padEnd(width))
  const lines: string[] = []
  // Across, not down, so that what is copied from the page reads in order.
  for (let at = 0; at < items.length; at += columns) {
    lines.push(
      numbered
        .slice(at, at + columns)
        .join('  ')
        .trimEnd(),
    )
  }
  return [
    title,
    '='.repeat(title.length),
    '',
    ...facts.map(([name, value]) => `${name}: ${value}`),
    '',
    ...lines,
    '',
    ...sections.flatMap((section) => [...section.lines, '']),
    link,
    '',
  ].join('\n')
}

const STYLE = [
  'body{font:11pt/1.4 sans-serif;margin:2cm;max-width:17cm;color:#000;background:#fff}',
  'h1{font-size:18pt;margin:0 0 .4cm}dl{display:grid;grid-template-columns:max-content auto;gap:0 .6cm}',
  'dd{margin:0;font-weight:bold}ol{columns:var(--columns);font:13pt/1.8 monospace;padding-left:1.2cm;break-inside:avoid}',
  'svg{width:5cm;height:5cm}section{border-top:1px solid #000;padding-top:.2cm;margin-top:.4cm}',
  '@page{size:A4;margin:1cm}@media print{body{margin:0}}',
].join('')

/** The page as HTML that loads nothing, runs nothing and refers to nothing outside itself. */
export function pageHtml({ language, title, facts, items, columns, link, sections }: PrintedPage): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'"
  return [
    '<!doctype html>',
    `<html lang="${language}"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="referrer" content="no-referrer">',
    `<title>${escaped(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escaped(title)}</h1>`,
    `<dl>${facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>`,
    `<ol style="--columns:${columns}">${items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ol>`,
    encodeQR(link, 'svg'),
    ...sections.map(
      (section) =>
        `<section lang="${section.language}">${section.lines.map((line) => `<p>${escaped(line)}</p>`).join('')}</section>`,
    ),
    '</body></html>',
    '',
  ].join('\n')
}

/** A date as every language of the page reads it, e.g. `2026-11-24`. */
export function printedDate(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/gu, (character) => ENTITIES[character] ?? '')
}
