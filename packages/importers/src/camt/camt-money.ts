import { type Element, textAt } from '../markup/element.ts'
import { amountText, parseAmount } from '../values/amount.ts'
import { parseCurrency } from '../values/currency.ts'
import { notParsed, type Parsed, parsed } from '../values/parsed.ts'

/** An amount as a record holds it. */
export interface Money {
  /** A decimal string, negative for what left the account. */
  readonly amount: string
  readonly currency: string
}

/**
 * Reads an `Amt` with the credit or debit indicator that belongs to it. The indicator alone gives the sign, also of a
 * reversal: it says which way the money moved (ISO 20022, Entry/CreditDebitIndicator). An amount with a minus of its
 * own is refused, since the schema has none and it could mean either.
 */
export function signedMoney(
  amount: Element | undefined,
  indicator: string | undefined,
  accountCurrency?: string,
): Parsed<Money> {
  if (indicator !== 'CRDT' && indicator !== 'DBIT')
    return notParsed('it does not say credit or debit (CdtDbtInd)')
  const money = unsignedMoney(amount, accountCurrency)
  if (!money.ok) return money
  const isZero = /^[0.]*$/.test(money.value.amount)
  const sign = indicator === 'DBIT' && !isZero ? '-' : ''
  return parsed({ ...money.value, amount: sign + money.value.amount })
}

/** Reads an `Amt` that has no direction. */
export function unsignedMoney(amount: Element | undefined, accountCurrency?: string): Parsed<Money> {
  const text = amount?.text.trim()
  if (text === undefined || text === '') return notParsed('it has no amount (Amt)')
  const currency = parseCurrency(amount?.currency ?? accountCurrency)
  if (currency === undefined) return notParsed('its currency is not three letters')
  const value = parseAmount(text, currency)
  if (!value.ok) return value
  if (value.value.digits < 0n) return notParsed('its amount has a sign of its own beside CdtDbtInd')
  return parsed({ amount: amountText(value.value), currency })
}

/** The indicator of an element. */
export function indicatorOf(from: Element): string | undefined {
  return textAt(from, 'CdtDbtInd')
}
