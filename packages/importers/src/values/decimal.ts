/** An exact decimal number: `digits` × 10^−`scale`. */
export interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

/** Zero. */
export const ZERO: Decimal = { digits: 0n, scale: 0 }

/** The number of a decimal string that {@link formatDecimal} could have written; `undefined` for any other text. */
export function toDecimal(text: string): Decimal | undefined {
  if (!/^-?\d+(\.\d+)?$/.test(text)) return undefined
  const [whole = '0', fraction = ''] = text.split('.')
  return { digits: BigInt(whole + fraction), scale: fraction.length }
}

/** The exact sum; it has as many decimals as the longer of the two. */
export function addDecimals(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(left.scale, right.scale)
  return { digits: atScale(left, scale) + atScale(right, scale), scale }
}

/** The number as a decimal string: all its decimals, no exponent, no sign before a zero. */
export function formatDecimal({ digits, scale }: Decimal): string {
  const sign = digits < 0n ? '-' : ''
  const all = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
  return scale === 0 ? sign + all : `${sign}${all.slice(0, -scale)}.${all.slice(-scale)}`
}

/** The number as the shortest decimal string: `12.30` and `12.3` are both `12.3`. */
export function shortestDecimal({ digits, scale }: Decimal): string {
  let shorter = { digits, scale }
  while (shorter.scale > 0 && shorter.digits % 10n === 0n) {
    shorter = { digits: shorter.digits / 10n, scale: shorter.scale - 1 }
  }
  return formatDecimal(shorter)
}

function atScale(value: Decimal, scale: number): bigint {
  return value.digits * 10n ** BigInt(scale - value.scale)
}
