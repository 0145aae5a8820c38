import { fromCanonical, inDomain, toCanonical } from '@muniment/crypto'
import { type Argon2Parameters, MunimentError } from '@muniment/interface'
import {
  type GenericSchema,
  instance,
  integer,
  literal,
  minValue,
  number,
  pipe,
  safeParse,
  strictObject,
  variant,
} from 'valibot'

/** The version of the header's layout. */
export const HEADER_FORMAT = 1

/** What of a header is authenticated: everything but the wrapped key itself. */
export type HeaderTerms =
  | {
      readonly format: 1
      readonly kind: 'passphrase'
      readonly salt: Uint8Array
      readonly parameters: Argon2Parameters
    }
  | { readonly format: 1; readonly kind: 'key-file' }

/** A header: how the root key is wrapped, and the wrapped root key. */
export type KeyHeader = HeaderTerms & { readonly sealed: Uint8Array }

const count = pipe(number(), integer(), minValue(0))
const bytes = instance(Uint8Array)

const headerSchema: GenericSchema<unknown, KeyHeader> = variant('kind', [
  strictObject({
    format: literal(HEADER_FORMAT),
    kind: literal('passphrase'),
    salt: bytes,
    parameters: strictObject({ memoryKiB: count, passes: count, lanes: count }),
    sealed: bytes,
  }),
  strictObject({ format: literal(HEADER_FORMAT), kind: literal('key-file'), sealed: bytes }),
])

/** The bytes of a header's file. */
export function encodeHeader(header: KeyHeader): Uint8Array {
  return toCanonical(
    header.kind === 'passphrase' ? { ...header, parameters: { ...header.parameters } } : { ...header },
  )
}

/** Parses a header's file. Throws `ERR_STORE_NEWER` for a later version and `ERR_STORE_DAMAGED` for anything else. */
export function parseHeader(file: Uint8Array): KeyHeader {
  let value: unknown
  try {
    value = fromCanonical(file)
  } catch (cause) {
    throw new MunimentError('ERR_STORE_DAMAGED', 'the key header is damaged', { cause })
  }
  const format: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'format') : undefined
  if (typeof format === 'number' && format > HEADER_FORMAT) {
    throw new MunimentError('ERR_STORE_NEWER', 'this key header was written by a newer version of Muniment')
  }
  const parsed = safeParse(headerSchema, value)
  if (!parsed.success) throw new MunimentError('ERR_STORE_DAMAGED', 'the key header is damaged')
  return parsed.output
}

/** The associated data of the wrapped root key: a header with other parameters does not open. */
export function boundTerms(terms: HeaderTerms): Uint8Array {
  return inDomain(
    'muniment/key-header/1',
    terms.kind === 'passphrase'
      ? toCanonical({
          format: terms.format,
          kind: terms.kind,
          salt: terms.salt,
          parameters: { ...terms.parameters },
        })
      : toCanonical({ format: terms.format, kind: terms.kind }),
  )
}
