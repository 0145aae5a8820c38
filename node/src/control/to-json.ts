import { base64url } from '@muniment/crypto'
import type { JsonValue } from './actions.ts'

/** A value as JSON: byte strings become base64url, what JSON cannot hold is left out. */
export function toJson(value: unknown): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (value instanceof Uint8Array) return base64url(value)
  if (Array.isArray(value)) return value.map((item) => toJson(item))
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([name, item]) => [String(name), toJson(item)]))
  if (typeof value !== 'object') return null
  const members = Object.entries(value).filter(([, item]) => item !== undefined && typeof item !== 'function')
  return Object.fromEntries(members.map(([name, item]) => [name, toJson(item)]))
}
