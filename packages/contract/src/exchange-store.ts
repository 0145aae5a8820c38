import type { Cryptography, Store, StoreChange } from '@muniment/interface'
import { MunimentError } from '@muniment/interface'
import { encodeExchange, type ExchangeRecord, parseExchange } from './exchange-record.ts'
import { type Ledger, openLedger } from './ledger.ts'
import type { DeskComponents } from './desk-components.ts'
import { type StoreLedger, storeLedger } from './store-ledger.ts'
import { type ErasableDataKeys, openStoreDataKeys } from './store-data-keys.ts'
import { createQueue, type Queue } from './queue.ts'
import { type Offer, parseOffer } from './verify-offer.ts'

const EXCHANGES = 'contract/exchanges'
const NONCES = 'contract/nonces'
const USED = new Uint8Array([1])

/** What an organisation stores of its exchanges. */
export interface ExchangeStore {
  readonly ledger: Ledger
  readonly ledgerStore: StoreLedger
  readonly dataKeys: ErasableDataKeys
  /** One task at a time for each request, and for each relationship. */
  readonly queue: Queue
  load(id: string): Promise<{ readonly record: ExchangeRecord; readonly offer: Offer } | undefined>
  /** Writes the record, and whatever else belongs to the same step; durable when it resolves. */
  save(id: string, record: ExchangeRecord, more?: readonly StoreChange[]): Promise<void>
  ids(): AsyncIterable<string>
  /** True once the nonce was consumed for the audience: nothing else is part of the key (protocol rule 13). */
  isConsumed(nonce: NonceName): Promise<boolean>
  /** The change that consumes a nonce, to be committed with what is done because of it. */
  consume(nonce: NonceName): StoreChange
}

/** A nonce is one verifier's: the same text for another audience is another nonce. */
export interface NonceName {
  readonly audience: string
  readonly nonce: string
}

/** Opens the tables of an organisation's store. */
export async function openExchangeStore(components: DeskComponents): Promise<ExchangeStore> {
  const { store, cryptography } = components
  const dataKeys = await openStoreDataKeys(components)
  const ledgerStore = storeLedger(store)
  return {
    ledger: openLedger({ ...components, store: ledgerStore, dataKeys }),
    ledgerStore,
    dataKeys,
    queue: createQueue(),
    load: (id) => loadExchange(cryptography, store, id),
    save: (id, record, more = []) =>
      store.commit([...more, { table: EXCHANGES, key: id, value: encodeExchange(record) }]),
    async *ids() {
      for await (const { key } of store.listNames(EXCHANGES)) yield key
    },
    isConsumed: async (name) => (await store.get(NONCES, nonceKey(name))) !== undefined,
    consume: (name) => ({ table: NONCES, key: nonceKey(name), value: USED }),
  }
}

async function loadExchange(
  cryptography: Cryptography,
  store: Store,
  id: string,
): ReturnType<ExchangeStore['load']> {
  const bytes = await store.get(EXCHANGES, id)
  if (!bytes) return undefined
  const record = parseExchange(bytes)
  const read = parseOffer(cryptography, record.offer)
  if (!read.ok) throw new MunimentError('ERR_STORE_DAMAGED', 'a stored offer cannot be read back')
  return { record, offer: read.offer }
}

function nonceKey({ audience, nonce }: NonceName): string {
  return `${audience} ${nonce}`
}
