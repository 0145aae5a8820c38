import { MunimentError, type Random } from '@muniment/interface'

/** 32 characters that are not mistaken for one another when read aloud or by hand (Crockford's base 32). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** Characters before the check letter: 40 bits, of which one guess can be tried. */
const SECRET_LETTERS = 8
const GROUP = 3

/*
 * The check letter makes a code a word of a linear code over the field of 32 elements: the sum of letter × weight is
 * zero, with the weights consecutive powers of a generator. One wrong letter changes the sum because no weight is
 * zero; two letters changed places change it because no two weights are equal.
 */
const WEIGHTS: readonly number[] = powers(SECRET_LETTERS + 1)

/** A fresh short code as a person types it, e.g. `7K2-QMD-0FX`: eight random letters and the check letter. */
export function makeCode(random: Random): string {
  const letters = [...random(SECRET_LETTERS)].map((byte) => byte & 31)
  return grouped([...letters, checkLetter(letters)].map((value) => ALPHABET.charAt(value)).join(''))
}

/**
 * The code in its one form, from what a person typed: any case, any spaces and dashes, O for 0, I and L for 1.
 * Throws `ERR_INVITATION_MISTYPED` when it cannot be what the other screen shows; then nothing has been sent, and the
 * code is still good.
 */
export function parseCode(typed: string): string {
  const letters = typed
    .toUpperCase()
    .replaceAll(/[\s\-–—.]/gu, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/gu, '1')
  const values = [...letters].map((letter) => ALPHABET.indexOf(letter))
  const isWhole = values.length === SECRET_LETTERS + 1 && !values.includes(-1)
  if (!isWhole || weighted(values) !== 0) {
    throw new MunimentError(
      'ERR_INVITATION_MISTYPED',
      'this code has a slip in it: compare it with the other screen',
    )
  }
  return grouped(letters)
}

function grouped(letters: string): string {
  const groups: string[] = []
  for (let at = 0; at < letters.length; at += GROUP) groups.push(letters.slice(at, at + GROUP))
  return groups.join('-')
}

/** The first weight is 1, so the check letter, which has it, is the sum of the others. */
function checkLetter(letters: readonly number[]): number {
  return weighted([...letters, 0])
}

function weighted(values: readonly number[]): number {
  let sum = 0
  for (const [index, value] of values.entries()) sum ^= times(value, WEIGHTS[values.length - 1 - index] ?? 0)
  return sum
}

function powers(count: number): number[] {
  const list = [1]
  while (list.length < count) list.push(times(list.at(-1) ?? 0, 2))
  return list
}

/** Multiplication in GF(2^5) with x^5 + x^2 + 1, of which x (2) is a generator. */
function times(left: number, right: number): number {
  let product = 0
  let term = left
  for (let rest = right; rest > 0; rest >>= 1) {
    if (rest & 1) product ^= term
    term <<= 1
    if (term & 32) term ^= 0b100101
  }
  return product
}
