import { type CanonicalValue, fromCanonical, toCanonical } from '@muniment/crypto'
import { MunimentError, type Store } from '@muniment/interface'
import * as v from 'valibot'

/** Reads one row as its schema says, or gives `undefined` when there is none. Throws `ERR_STORE_DAMAGED`. */
export async function readRow<T>(
  store: Store,
  schema: v.GenericSchema<unknown, T>,
  place: { readonly table: string; readonly key: string },
): Promise<T | undefined> {
  const bytes = await store.get(place.table, place.key)
  return bytes && parseRow(schema, bytes)
}

/** A row's bytes as its schema says; throws `ERR_STORE_DAMAGED` when they are something else. */
export function parseRow<T>(schema: v.GenericSchema<unknown, T>, bytes: Uint8Array): T {
  const parsed = v.safeParse(schema, fromCanonical(bytes))
  if (!parsed.success) throw new MunimentError('ERR_STORE_DAMAGED', 'a row is not what its table holds')
  return parsed.output
}

/** The bytes of a row. */
export function rowBytes(value: CanonicalValue): Uint8Array {
  return toCanonical(value)
}
