/** Control characters and those that turn the direction of text: nothing for a title, and dangerous on a terminal. */
const UNSEEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]+/gu

/** Text as a person reads it: one line, runs of blanks as one, NFC. Empty text gives `undefined`. */
export function cleanText(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const clean = text.replaceAll(UNSEEN, ' ').replaceAll(/\s+/gu, ' ').trim().normalize('NFC')
  return clean === '' ? undefined : clean
}

/** How many bytes the text takes in UTF-8. */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length
}

/** The first `length` characters, never half of a surrogate pair. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length)
}
