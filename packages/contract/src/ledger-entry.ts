import {
  fromCanonical,
  hashInDomain,
  inDomain,
  open,
  seal,
  type SealComponents,
  toCanonical,
} from '@muniment/crypto'
import type { Cryptography, Did, KeyId } from '@muniment/interface'
import * as v from 'valibot'
import { asCanonical } from './as-canonical.ts'
import { MAX_LEDGER_ENTRY_LENGTH } from './constants.ts'
import { bytesSchema, parseAs, upToBytesSchema, wholeSchema } from './schemas.ts'

/**
 * What an entry of a ledger records. `presentation` stands apart from `answer`, so that the values can be erased and the
 * evidence stays.
 */
export type LedgerKind = (typeof LEDGER_KINDS)[number]

const LEDGER_KINDS = ['offer', 'answer', 'presentation', 'sent', 'receipt', 'refused', 'decline'] as const
const SALT_LENGTH = 32

/** An entry as it is stored: the chain is in the clear within it, the body sealed under its own key (rule 17). */
export interface StoredLedgerEntry {
  /** From 1, without gaps. */
  readonly n: number
  /** The hash of entry n−1; 32 zero bytes for the first. */
  readonly previous: Uint8Array
  readonly kind: LedgerKind
  /** A hash over a secret salt and the body: it says nothing about the body once the salt is gone with its key. */
  readonly commitment: Uint8Array
  readonly key: KeyId
  readonly sealed: Uint8Array
}

const entrySchema = v.strictObject({
  v: v.literal(1),
  n: wholeSchema(1),
  previous: bytesSchema(32),
  kind: v.picklist(LEDGER_KINDS),
  commitment: bytesSchema(32),
  key: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/)),
  sealed: upToBytesSchema(MAX_LEDGER_ENTRY_LENGTH),
})
const bodySchema = v.strictObject({ salt: bytesSchema(SALT_LENGTH), body: v.unknown() })

/** What {@link sealLedgerEntry} is given. */
export interface LedgerEntryDraft {
  readonly relationship: Did
  readonly n: number
  readonly previous: Uint8Array
  readonly kind: LedgerKind
  /** Plain values and bytes. */
  readonly body: unknown
  readonly key: { readonly id: KeyId; readonly bytes: Uint8Array }
}

/** Makes an entry: commits to the body with a fresh salt, and seals both under the key, bound to the place. */
export function sealLedgerEntry(components: SealComponents, draft: LedgerEntryDraft): StoredLedgerEntry {
  const { relationship, n, previous, kind, key } = draft
  const opening = toCanonical({ salt: components.random(SALT_LENGTH), body: asCanonical(draft.body) })
  const commitment = commit(components.cryptography, opening)
  const place = placeOf(relationship, { n, previous, kind, commitment })
  const sealed = seal(components, key.bytes, opening, inDomain('muniment/ledger-body/1', place))
  return { n, previous, kind, commitment, key: key.id, sealed }
}

/**
 * Opens an entry's body. Throws `ERR_SEAL_OPEN` when it was altered or moved, `ERR_MALFORMED` when it is not what the
 * commitment commits to.
 */
export function openLedgerEntry(
  cryptography: Cryptography,
  relationship: Did,
  { entry, key }: { readonly entry: StoredLedgerEntry; readonly key: Uint8Array },
): unknown {
  const place = placeOf(relationship, entry)
  const opening = open(cryptography, key, entry.sealed, inDomain('muniment/ledger-body/1', place))
  const { body } = parseAs(bodySchema, fromCanonical(opening), 'the body of a ledger entry')
  const isCommitted = cryptography.equal(commit(cryptography, opening), entry.commitment)
  if (!isCommitted) parseAs(v.never(), entry, 'the body that this ledger entry commits to')
  return body
}

/** The stored bytes of an entry. */
export function encodeLedgerEntry(entry: StoredLedgerEntry): Uint8Array {
  return toCanonical({ v: 1, ...entry })
}

/** Reads the stored bytes; throws `ERR_MALFORMED`. */
export function parseLedgerEntry(bytes: Uint8Array): StoredLedgerEntry {
  return parseAs(entrySchema, fromCanonical(bytes), 'a ledger entry')
}

/** What the next entry names: it covers the place, the kind and the commitment, not the sealed body, which may go. */
export function ledgerEntryHash(
  cryptography: Cryptography,
  relationship: Did,
  entry: StoredLedgerEntry,
): Uint8Array {
  return hashInDomain(cryptography, 'muniment/ledger-entry/1', placeOf(relationship, entry))
}

function placeOf(
  relationship: Did,
  { n, previous, kind, commitment }: Pick<StoredLedgerEntry, 'n' | 'previous' | 'kind' | 'commitment'>,
): Uint8Array {
  return toCanonical({ v: 1, relationship, n, previous, kind, commitment })
}

function commit(cryptography: Cryptography, opening: Uint8Array): Uint8Array {
  return hashInDomain(cryptography, 'muniment/ledger-commitment/1', opening)
}
