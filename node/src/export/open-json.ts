import { base64url } from '@muniment/crypto'

/** Bytes as they stand in JSON: `{"base64url": "…"}`, RFC 4648 section 5 without padding, so that no text is taken for them. */
export interface JsonBytes {
  readonly base64url: string
}

/** A value of the vault as JSON holds it, with byte strings as {@link JsonBytes}. */
export function openJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return { base64url: base64url(value) } satisfies JsonBytes
  if (Array.isArray(value)) return value.map((item) => openJson(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, openJson(member)]))
}
