import type { Store } from '@muniment/interface'
import * as v from 'valibot'
import type { DisclosurePlace } from '../formats/sd-jwt/disclosure-places.ts'
import { parseRow, readRow, rowBytes } from '../once/row.ts'

/** Tables of a device that are not synced: holder keys never leave it (protocol rule 9). */
export const HOLDER_TABLES = { batches: 'holder.batches', copies: 'holder.copies' } as const

/** A holder key pair as it is stored, in a sealed row. */
export interface KeyRow {
  readonly public: Uint8Array
  readonly secret: Uint8Array
}

/** Keys that proofs were made with and for which no copies came yet. */
export interface BatchRow {
  readonly keys: readonly KeyRow[]
  /** Milliseconds. */
  readonly at: number
}

/** One copy on this device. */
export interface CopyRow {
  readonly credential: string
  readonly token: string
  readonly key: KeyRow
  /** Unix seconds. */
  readonly expires: number
  /** Whom it was shown to; null while it is fresh. */
  readonly usedFor: string | null
  /** Where its disclosures stand; absent in a row of an earlier version. */
  readonly places?: readonly DisclosurePlace[]
}

const KEY = v.strictObject({ public: v.instance(Uint8Array), secret: v.instance(Uint8Array) })
const BATCH: v.GenericSchema<unknown, BatchRow> = v.strictObject({ keys: v.array(KEY), at: v.number() })
const COPY: v.GenericSchema<unknown, CopyRow> = v.strictObject({
  credential: v.string(),
  token: v.string(),
  key: KEY,
  expires: v.number(),
  usedFor: v.nullable(v.string()),
  places: v.exactOptional(
    v.array(
      v.strictObject({
        path: v.array(v.union([v.string(), v.number()])),
        start: v.number(),
        end: v.number(),
      }),
    ),
  ),
})

/** The bytes of a copy's row. */
export function copyBytes({ key, places, ...row }: CopyRow): Uint8Array {
  const plain = places?.map(({ path, start, end }) => ({ path: [...path], start, end }))
  return rowBytes({ ...row, key: { ...key }, ...(plain && { places: plain }) })
}

/** Reads the keys of a batch. */
export function readBatch(store: Store, id: string): Promise<BatchRow | undefined> {
  return readRow(store, BATCH, { table: HOLDER_TABLES.batches, key: id })
}

/** Batches that began before a time, in milliseconds, and never got their copies. */
export async function staleBatches(store: Store, before: number): Promise<readonly string[]> {
  const stale: string[] = []
  for await (const { key, value } of store.listNames(HOLDER_TABLES.batches)) {
    if (parseRow(BATCH, value).at < before) stale.push(key)
  }
  return stale
}

/** Reads every copy on this device. */
export async function readCopies(
  store: Store,
): Promise<readonly { readonly key: string; readonly row: CopyRow }[]> {
  const copies: { key: string; row: CopyRow }[] = []
  for await (const { key, value } of store.listNames(HOLDER_TABLES.copies))
    copies.push({ key, row: parseRow(COPY, value) })
  return copies
}
