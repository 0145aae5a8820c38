import { MunimentError } from '@muniment/interface'
import { MAX_JSON_DEPTH } from '../../jose/strict-json.ts'

const RESERVED = new Set(['_sd', '_sd_alg', '...', '__proto__'])
const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * Throws `ERR_INVALID_ARGUMENT` for a payload that a strict reader would refuse, or read differently: reserved names
 * (RFC 9901, section 4.1), values that JSON does not have, halves of characters, nesting too deep.
 */
export function refuseUnissuable(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null) {
    refuseOddScalar(value)
    return
  }
  // Two levels are kept for the array of a disclosure and what holds it.
  if (depth >= MAX_JSON_DEPTH - 2) throw unissuable('the claims nest too deep')
  if (Array.isArray(value)) {
    for (const element of value) refuseUnissuable(element, depth + 1)
    return
  }
  refuseOddObject(value)
  for (const [name, member] of Object.entries(value)) {
    if (RESERVED.has(name)) throw unissuable(`the name ${name} is reserved`)
    refuseOddScalar(name)
    refuseUnissuable(member, depth + 1)
  }
}

function refuseOddScalar(value: unknown): void {
  if (typeof value === 'string') {
    if (LONE_SURROGATE.test(value)) throw unissuable('a text holds half a character')
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw unissuable('a number is not finite')
  } else if (value !== null && typeof value !== 'boolean') {
    throw unissuable('a value is not JSON')
  }
}

/** Dates, maps and instances of classes would be written as something else than what they are. */
function refuseOddObject(value: object): void {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw unissuable('a value is not plain JSON')
}

function unissuable(message: string): MunimentError {
  return new MunimentError('ERR_INVALID_ARGUMENT', message)
}
