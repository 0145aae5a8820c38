import { type Did, MunimentError } from '@muniment/interface'
import * as v from 'valibot'

/** A name used by machines: what DCQL allows for an `id` (OpenID4VP 1.0, section 6.1), capped. */
export const ID_PATTERN: RegExp = /^[A-Za-z0-9_-]{1,64}$/
/** See {@link ID_PATTERN}. */
export const idSchema: v.GenericSchema<unknown, string> = v.pipe(v.string(), v.regex(ID_PATTERN))

/** A DID without path, query or fragment (W3C DID Core 1.0, section 3.1), capped: a did:peer can be long. */
export const didSchema: v.GenericSchema<unknown, Did> = v.pipe(
  v.string(),
  v.maxLength(4096),
  v.regex(/^did:[a-z0-9]+:[A-Za-z0-9._:%-]+$/),
)

/** 32 bytes in base64url: a hash in a JSON document. */
export const hashTextSchema: v.GenericSchema<unknown, string> = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/),
)

/** Exactly `length` bytes. */
export function bytesSchema(length: number): v.GenericSchema<unknown, Uint8Array> {
  return v.pipe(
    v.instance(Uint8Array),
    v.check((bytes) => bytes.length === length),
  )
}

/** At most `length` bytes. */
export function upToBytesSchema(length: number): v.GenericSchema<unknown, Uint8Array> {
  return v.pipe(
    v.instance(Uint8Array),
    v.check((bytes) => bytes.length <= length),
  )
}

/** A whole number from `min` to `max`. */
export function wholeSchema(
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): v.GenericSchema<unknown, number> {
  return v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max))
}

/** Parses with a schema; throws `ERR_MALFORMED` that names what was being read, and no value of it. */
export function parseAs<T>(schema: v.GenericSchema<unknown, T>, value: unknown, what: string): T {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const place = result.issues[0].path?.map((item) => String(item.key).slice(0, 40)).join('.') ?? ''
  throw new MunimentError('ERR_MALFORMED', `this is not ${what}${place === '' ? '' : ` (at ${place})`}`)
}
