/** ISO 4217 for "no currency": what is written when the file states none. */
export const NO_CURRENCY = 'XXX'

/** The currency's three letters in upper case, or `undefined` for any other text. */
export function parseCurrency(text: string | undefined): string | undefined {
  const letters = text?.trim().toUpperCase()
  return letters !== undefined && /^[A-Z]{3}$/.test(letters) ? letters : undefined
}
