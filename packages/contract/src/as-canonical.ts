import type { CanonicalValue } from '@muniment/crypto'
import { MunimentError } from '@muniment/interface'

/**
 * A plain value as one that canonical bytes can hold: absent members are left out, bytes stay. Throws
 * `ERR_INVALID_ARGUMENT` for a function, a symbol or a BigInt.
 */
export function asCanonical(value: unknown): CanonicalValue {
  if (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean'
  ) {
    return value
  }
  if (value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(asCanonical)
  if (typeof value === 'object') {
    const members = Object.entries(value).filter(([, member]) => member !== undefined)
    return Object.fromEntries(members.map(([name, member]) => [name, asCanonical(member)]))
  }
  throw new MunimentError('ERR_INVALID_ARGUMENT', 'this value has no canonical encoding')
}
