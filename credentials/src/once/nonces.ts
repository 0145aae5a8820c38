import { base64url, concat, fromBase64url, inDomain, uint64 } from '@muniment/crypto'
import type { Clock, Cryptography, Milliseconds, Random, Store } from '@muniment/interface'
import * as v from 'valibot'
import { parseRow, rowBytes } from './row.ts'

/** Random bytes of a nonce: 128 bits. */
const RANDOM_LENGTH = 16
const MAC_LENGTH = 32
const NONCE_LENGTH = 8 + RANDOM_LENGTH + MAC_LENGTH
const KEY_ROW = 'key'
const FLOOR_ROW = 'floor'
const DOMAIN = 'muniment/nonce/1'
/** Used nonces are swept after so many were used, so that the table stays near the number that are still alive. */
const SWEEP_EVERY = 1000

/** What came of spending a nonce: only the first caller for one nonce ever sees `consumed`. */
export type Spent = 'consumed' | 'used' | 'unknown'

/** Nonces that are made for one purpose each and are good for one use, also across restarts (protocol rule 13). */
export interface Nonces {
  /** A nonce for this purpose (any bytes: the audience, the whole request). Nothing is stored until it is used. */
  create(purpose: Uint8Array): string
  /** True when the nonce was made here for this purpose and has not expired. It may have been used. */
  isGenuine(purpose: Uint8Array, nonce: string): boolean
  /** Uses the nonce up. When it gives `consumed`, that is on disk, and it is given once for each nonce. */
  consume(purpose: Uint8Array, nonce: string): Promise<Spent>
}

/** What nonces need of their surroundings. */
export interface NonceComponents {
  readonly cryptography: Cryptography
  readonly random: Random
  readonly clock: Clock
  readonly store: Store
}

/**
 * Opens the nonces of one table. A nonce carries its own expiry and a MAC over purpose and expiry, so asking for many
 * costs no disk; the used ones are remembered until they expire. After a sweep a clock that is set back revives nothing:
 * the newest expiry swept is kept as a floor.
 */
export async function openNonces(
  components: NonceComponents,
  { table, lifetime }: { readonly table: string; readonly lifetime: Milliseconds },
): Promise<Nonces> {
  const { cryptography, random, clock, store } = components
  const state = await load(components, table)
  const used = `${table}.used`
  const spending = new Set<string>()
  let spent = 0

  const expiryOf = (purpose: Uint8Array, nonce: string): number | undefined => {
    const bytes = decoded(nonce)
    if (bytes?.length !== NONCE_LENGTH) return undefined
    const body = bytes.subarray(0, NONCE_LENGTH - MAC_LENGTH)
    const mac = cryptography.hmacSha256(state.key, macInput(body, purpose))
    if (!cryptography.equal(mac, bytes.subarray(NONCE_LENGTH - MAC_LENGTH))) return undefined
    return Number(new DataView(body.buffer, body.byteOffset).getBigUint64(0))
  }
  const isGenuine: Nonces['isGenuine'] = (purpose, nonce) => {
    const expiry = expiryOf(purpose, nonce)
    return expiry !== undefined && expiry > clock.now() && expiry > state.floor
  }
  const sweep = async (): Promise<void> => {
    const now = clock.now()
    const gone: { table: string; key: string; value: undefined }[] = []
    for await (const { key, value } of store.listNames(used)) {
      const expiry = parseRow(v.number(), value)
      if (expiry > now) continue
      state.floor = Math.max(state.floor, expiry)
      gone.push({ table: used, key, value: undefined })
    }
    if (gone.length > 0) {
      await store.commit([{ table, key: FLOOR_ROW, value: rowBytes(state.floor) }, ...gone])
    }
  }
  await sweep()

  return {
    create(purpose) {
      const body = concat(uint64(clock.now() + lifetime), random(RANDOM_LENGTH))
      return base64url(concat(body, cryptography.hmacSha256(state.key, macInput(body, purpose))))
    },
    isGenuine,
    async consume(purpose, nonce) {
      const expiry = expiryOf(purpose, nonce)
      if (expiry === undefined || !isGenuine(purpose, nonce)) return 'unknown'
      if (spending.has(nonce)) return 'used'
      spending.add(nonce)
      try {
        if (await store.get(used, nonce)) return 'used'
        await store.commit([{ table: used, key: nonce, value: rowBytes(expiry) }])
        if (++spent % SWEEP_EVERY === 0) await sweep()
        return 'consumed'
      } finally {
        spending.delete(nonce)
      }
    },
  }
}

async function load(
  { random, store }: NonceComponents,
  table: string,
): Promise<{ readonly key: Uint8Array; floor: number }> {
  const floor = await store.get(table, FLOOR_ROW)
  const kept = await store.get(table, KEY_ROW)
  const key = kept ?? random(32)
  if (!kept) await store.commit([{ table, key: KEY_ROW, value: key }])
  return { key, floor: floor ? parseRow(v.number(), floor) : 0 }
}

function macInput(body: Uint8Array, purpose: Uint8Array): Uint8Array {
  return inDomain(DOMAIN, concat(body, purpose))
}

function decoded(text: string): Uint8Array | undefined {
  try {
    return fromBase64url(text)
  } catch {
    return undefined
  }
}
