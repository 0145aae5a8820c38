import { type Decimal, formatDecimal } from './decimal.ts'
import { notParsed, type Parsed, parsed } from './parsed.ts'

/** Digits of an amount at the most: ISO 20022 has 18, OFX 32 characters. */
export const MAX_AMOUNT_DIGITS = 32

/** Currencies with three decimals (ISO 4217), for which a comma before three digits can only be a decimal comma. */
const THREE_DECIMALS = new Set(['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'])

/**
 * Reads an amount of money strictly: an optional sign, digits, and at most one point or comma before the decimals
 * (OFX 2.3, section 3.2.9.1). Grouped thousands, exponents and currency signs are refused, because a guess would be
 * wrong by a thousand; so is `1,234`, unless its currency has three decimals.
 */
export function parseAmount(text: string, currency?: string): Parsed<Decimal> {
  const match = /^([+-]?)(\d*)(?:([.,])(\d*))?$/.exec(text.trim())
  if (match === null) return notParsed('the amount is not a number')
  const [, sign = '', whole = '', separator = '', fraction = ''] = match
  const count = whole.length + fraction.length
  if (count === 0) return notParsed('the amount is not a number')
  if (count > MAX_AMOUNT_DIGITS) return notParsed('the amount has too many digits')
  if (isAmbiguous({ whole, separator, fraction, currency })) {
    return notParsed('the comma in the amount may separate thousands or decimals')
  }
  const digits = BigInt(whole + fraction)
  return parsed({ digits: sign === '-' ? -digits : digits, scale: fraction.length })
}

/** The amount as it stands in a record: a plain decimal string with the decimals that the file has. */
export function amountText(amount: Decimal): string {
  return formatDecimal(amount)
}

interface AmountParts {
  readonly whole: string
  readonly separator: string
  readonly fraction: string
  readonly currency: string | undefined
}

function isAmbiguous({ whole, separator, fraction, currency }: AmountParts): boolean {
  const looksGrouped = separator === ',' && fraction.length === 3 && /^[1-9]\d{0,2}$/.test(whole)
  return looksGrouped && !(currency !== undefined && THREE_DECIMALS.has(currency))
}
