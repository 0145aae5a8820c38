import { textReader } from './text-decoder.ts'

/** The head of a file as text good enough to recognise markup in: UTF-16 by its mark, else a byte a character. */
export function headText(head: Uint8Array): string {
  return textReader('windows-1252', head).write(head)
}

/** The local name of the first element, past declarations, comments and header lines; `undefined` without one. */
export function firstElement(text: string): string | undefined {
  return /<(?:[A-Za-z_][\w.-]{0,63}:)?([A-Za-z_][\w.-]{0,63})[\s>/]/.exec(
    text.replaceAll(/<!--[^]*?-->/g, ''),
  )?.[1]
}

/** The encoding that an XML declaration names (XML 1.0, section 4.3.3). */
export function xmlEncoding(text: string): string | undefined {
  return /<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z][\w.-]{0,40})["']/i.exec(text)?.[1]
}
