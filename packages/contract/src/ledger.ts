import { base64url } from '@muniment/crypto'
import {
  type Cryptography,
  type DataKeys,
  type Did,
  isMunimentError,
  MunimentError,
  type Outcome,
  type Random,
} from '@muniment/interface'
import {
  encodeLedgerEntry,
  type LedgerKind,
  ledgerEntryHash,
  openLedgerEntry,
  parseLedgerEntry,
  sealLedgerEntry,
  type StoredLedgerEntry,
} from './ledger-entry.ts'
import { refusal } from './outcome.ts'
import { createQueue } from './queue.ts'

/** Where a ledger's entries are kept: a person's in the vault's log, an organisation's in its store. */
export interface LedgerStore {
  /** Adds entries at the end of a relationship's chain, all or none; durable when it resolves. */
  append(relationship: Did, entries: readonly Uint8Array[]): Promise<void>
  /** A relationship's entries in the order they were added; none for a relationship that is not known. */
  read(relationship: Did): AsyncIterable<Uint8Array>
  /** Every relationship that has entries. */
  relationships(): AsyncIterable<Did>
}

/** One entry to be written. */
export interface LedgerDraft {
  readonly kind: LedgerKind
  /** Plain values and bytes. */
  readonly body: unknown
}

/** One entry as it reads. */
export interface LedgerEntry {
  readonly n: number
  readonly kind: LedgerKind
  /** base64url of the entry's hash. */
  readonly hash: string
  /** `undefined` when it was erased or its key has not come yet; to be parsed before use. */
  readonly body: unknown
  readonly why?: 'erased' | 'key-unknown'
}

/** Where a chain ends. */
export interface LedgerHead {
  readonly length: number
  /** base64url; `null` for an empty chain. */
  readonly hash: string | null
}

/** The chains of contracts and receipts, one for each relationship (protocol rule 17). */
export interface Ledger {
  /** Writes entries at the end of a chain, all or none; durable when it resolves. */
  append(relationship: Did, drafts: readonly LedgerDraft[]): Promise<LedgerHead>
  /** Seals entries for the end of a chain without writing them, for a caller that commits them with other things. */
  prepare(relationship: Did, drafts: readonly LedgerDraft[]): Promise<readonly Uint8Array[]>
  /** The entries in order. Throws `ERR_LEDGER_BROKEN` at the first place where the chain does not hold. */
  entries(relationship: Did): AsyncIterable<LedgerEntry>
  /** Where the chain ends. Throws `ERR_LEDGER_BROKEN`. */
  head(relationship: Did): Promise<LedgerHead>
  /** Every relationship that has entries. */
  relationships(): AsyncIterable<Did>
}

/** What a ledger is made of. Each body is sealed under a data key of its own. */
export interface LedgerComponents {
  readonly cryptography: Cryptography
  readonly random: Random
  readonly dataKeys: DataKeys
  readonly store: LedgerStore
}

const NO_PREVIOUS = new Uint8Array(32)

/** Opens the ledger over a store and the data keys. */
export function openLedger(components: LedgerComponents): Ledger {
  const { cryptography, store } = components
  const queue = createQueue()
  const end = (relationship: Did): Promise<ChainEnd> => chainEnd(cryptography, store, relationship)
  const prepare: Ledger['prepare'] = async (relationship, drafts) => {
    const last = await end(relationship)
    return (await chained(components, last, { relationship, drafts })).map(encodeLedgerEntry)
  }
  return {
    prepare,
    async append(relationship, drafts) {
      return queue.run(relationship, async () => {
        await store.append(relationship, await prepare(relationship, drafts))
        return headOf(await end(relationship))
      })
    },
    async *entries(relationship) {
      for await (const { entry, hash } of walk(cryptography, store, relationship)) {
        yield readEntry(components, relationship, { entry, hash })
      }
    },
    head: async (relationship) => headOf(await end(relationship)),
    relationships: () => store.relationships(),
  }
}

/**
 * Checks a whole chain: numbers, links, and every body that still opens against its commitment. The problem's code is
 * `ledger_broken`, and its message names the first entry that does not hold.
 */
export async function verifyLedger(
  components: Pick<LedgerComponents, 'cryptography' | 'dataKeys' | 'store'>,
  relationship: Did,
): Promise<Outcome<{ head: LedgerHead; erased: number }>> {
  let end: ChainEnd = { n: 0, hash: NO_PREVIOUS }
  let erased = 0
  try {
    for await (const { entry, hash } of walk(components.cryptography, components.store, relationship)) {
      if (readEntry(components, relationship, { entry, hash }).why !== undefined) erased++
      end = { n: entry.n, hash }
    }
  } catch (error) {
    if (!isMunimentError(error, 'ERR_LEDGER_BROKEN')) throw error
    return refusal('ledger_broken', error.message)
  }
  return { ok: true, head: headOf(end), erased }
}

interface ChainEnd {
  readonly n: number
  readonly hash: Uint8Array
}

async function chainEnd(
  cryptography: Cryptography,
  store: LedgerStore,
  relationship: Did,
): Promise<ChainEnd> {
  let end: ChainEnd = { n: 0, hash: NO_PREVIOUS }
  for await (const { entry, hash } of walk(cryptography, store, relationship)) end = { n: entry.n, hash }
  return end
}

function headOf({ n, hash }: ChainEnd): LedgerHead {
  return { length: n, hash: n === 0 ? null : base64url(hash) }
}

async function chained(
  components: LedgerComponents,
  end: ChainEnd,
  { relationship, drafts }: { readonly relationship: Did; readonly drafts: readonly LedgerDraft[] },
): Promise<readonly StoredLedgerEntry[]> {
  const ids = await components.dataKeys.create(drafts.length)
  let { n, hash } = end
  return drafts.map(({ kind, body }, index) => {
    const id = ids[index]
    const bytes = id === undefined ? undefined : components.dataKeys.get(id)
    if (id === undefined || !bytes)
      throw new MunimentError('ERR_KEY_UNKNOWN', 'a fresh data key is not there')
    const key = { id, bytes }
    const entry = sealLedgerEntry(components, { relationship, n: n + 1, previous: hash, kind, body, key })
    n = entry.n
    hash = ledgerEntryHash(components.cryptography, relationship, entry)
    return entry
  })
}

/** Follows the chain link by link. */
async function* walk(
  cryptography: Cryptography,
  store: LedgerStore,
  relationship: Did,
): AsyncGenerator<{ readonly entry: StoredLedgerEntry; readonly hash: Uint8Array }> {
  let n = 0
  let hash: Uint8Array = NO_PREVIOUS
  for await (const bytes of store.read(relationship)) {
    n++
    const entry = parsedAt(n, bytes)
    if (entry.n !== n || !cryptography.equal(entry.previous, hash)) {
      throw broken(n, 'does not follow the one before it')
    }
    hash = ledgerEntryHash(cryptography, relationship, entry)
    yield { entry, hash }
  }
}

function readEntry(
  { cryptography, dataKeys }: Pick<LedgerComponents, 'cryptography' | 'dataKeys'>,
  relationship: Did,
  { entry, hash }: { readonly entry: StoredLedgerEntry; readonly hash: Uint8Array },
): LedgerEntry {
  const seen = { n: entry.n, kind: entry.kind, hash: base64url(hash) }
  const key = dataKeys.get(entry.key)
  if (!key) {
    return { ...seen, body: undefined, why: dataKeys.isErased(entry.key) ? 'erased' : 'key-unknown' }
  }
  try {
    return { ...seen, body: openLedgerEntry(cryptography, relationship, { entry, key }) }
  } catch (cause) {
    if (!isMunimentError(cause)) throw cause
    throw broken(entry.n, 'was altered', cause)
  }
}

function parsedAt(n: number, bytes: Uint8Array): StoredLedgerEntry {
  try {
    return parseLedgerEntry(bytes)
  } catch (cause) {
    if (!isMunimentError(cause, 'ERR_MALFORMED')) throw cause
    throw broken(n, 'cannot be read', cause)
  }
}

function broken(n: number, what: string, cause?: Error): MunimentError {
  return new MunimentError('ERR_LEDGER_BROKEN', `entry ${n} of the ledger ${what}`, { cause })
}
