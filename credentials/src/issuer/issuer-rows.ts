import type { CanonicalValue } from '@muniment/crypto'
import type { Store } from '@muniment/interface'
import * as v from 'valibot'
import type { JsonObject } from '../jose/json.ts'
import { parseRow, readRow } from '../once/row.ts'

const CLAIMS: v.GenericSchema<unknown, JsonObject> = v.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
)

/** What was certified, for as long as copies of it are given out. */
export interface GrantRow {
  readonly template: string
  readonly claims: JsonObject
  readonly expires: number
}

/** An offer that was not taken up yet. */
export interface CodeRow {
  readonly grant: string
  readonly refresh: string
  readonly expires: number
  /** Hash of code and transaction code; null when none is asked for. */
  readonly txCode: string | null
  readonly tries: number
}

/** What an access or refresh token stands for. */
export interface TokenRow {
  readonly grant: string
  readonly expires: number
}

const GRANT: v.GenericSchema<unknown, GrantRow> = v.strictObject({
  template: v.string(),
  claims: CLAIMS,
  expires: v.number(),
})
const CODE: v.GenericSchema<unknown, CodeRow> = v.strictObject({
  grant: v.string(),
  refresh: v.string(),
  expires: v.number(),
  txCode: v.nullable(v.string()),
  tries: v.number(),
})
const EXPIRING: v.GenericSchema<unknown, { readonly expires: number }> = v.looseObject({
  expires: v.number(),
})
const POINTER: v.GenericSchema<unknown, TokenRow> = v.strictObject({ grant: v.string(), expires: v.number() })

/** The tables of an issuer. Secrets stand in them as hashes only. */
export const ISSUER_TABLES = {
  grants: 'issuer.grants',
  codes: 'issuer.codes',
  access: 'issuer.access',
  refresh: 'issuer.refresh',
  /** By the thumbprint of the holder key: every copy that was given out. */
  copies: 'issuer.copies',
  nonces: 'issuer.nonces',
} as const

/** Reads what was certified. */
export function readGrant(store: Store, id: string): Promise<GrantRow | undefined> {
  return readRow(store, GRANT, { table: ISSUER_TABLES.grants, key: id })
}

/** Reads an offer by the hash of its code. */
export function readCode(store: Store, hash: string): Promise<CodeRow | undefined> {
  return readRow(store, CODE, { table: ISSUER_TABLES.codes, key: hash })
}

/** Reads a token by its hash. */
export function readToken(
  store: Store,
  table: 'access' | 'refresh',
  hash: string,
): Promise<TokenRow | undefined> {
  return readRow(store, POINTER, { table: ISSUER_TABLES[table], key: hash })
}

/** Removes offers, tokens and certified facts that have lapsed. Which keys got a copy is kept. */
export async function sweepIssuerRows(store: Store, now: number): Promise<void> {
  const gone: { readonly table: string; readonly key: string; readonly value: undefined }[] = []
  for (const table of ['grants', 'codes', 'access', 'refresh'] as const) {
    const name = ISSUER_TABLES[table]
    for await (const { key, value } of store.listNames(name)) {
      if (parseRow(EXPIRING, value).expires <= now) gone.push({ table: name, key, value: undefined })
    }
  }
  if (gone.length > 0) await store.commit(gone)
}

/** JSON as a canonical value: the same shapes. */
export function canonical(value: GrantRow | CodeRow | TokenRow): CanonicalValue {
  return { ...value }
}
