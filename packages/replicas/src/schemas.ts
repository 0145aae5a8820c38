import { fromCanonical } from '@muniment/crypto'
import { MunimentError } from '@muniment/interface'
import * as v from 'valibot'

/** A whole number from 0 on. */
export const count: v.GenericSchema<unknown, number> = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** A number of an entry. */
export const sequence: v.GenericSchema<unknown, number> = v.pipe(v.number(), v.safeInteger(), v.minValue(1))

/** Bytes of any length. */
export const bytes: v.GenericSchema<unknown, Uint8Array> = v.custom<Uint8Array>(
  (value) => value instanceof Uint8Array,
)

/** Bytes of one length. */
export function bytesOf(length: number): v.GenericSchema<unknown, Uint8Array> {
  return v.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length)
}

/** A hash, key or id as text: base64url of 32 bytes. */
export const name43: v.GenericSchema<unknown, string> = v.pipe(v.string(), v.regex(/^[\w-]{43}$/))

/** Decodes canonical bytes of one shape; throws `ERR_MALFORMED`. */
export function parseCanonical<T>(schema: v.GenericSchema<unknown, T>, encoded: Uint8Array, what: string): T {
  const parsed = v.safeParse(schema, fromCanonical(encoded))
  if (parsed.success) return parsed.output
  throw new MunimentError('ERR_MALFORMED', `these bytes are not ${what}`)
}
