import { base64url } from '@muniment/crypto'
import { jwkThumbprint } from '@muniment/identity'
import {
  type Clock,
  type Cryptography,
  type KeyPair,
  MunimentError,
  type Outcome,
  type PublicKey,
  type Random,
  type Signer,
  type Store,
} from '@muniment/interface'
import { bindPresentation } from '../formats/sd-jwt/bind.ts'
import type { ConcretePath } from '../formats/sd-jwt/process-payload.ts'
import type { DisclosurePlace } from '../formats/sd-jwt/disclosure-places.ts'
import { presentFromPlaces, presentSdJwt } from '../formats/sd-jwt/present.ts'
import { MAX_BATCH } from '../issuer/constants.ts'
import { makeProof } from '../issuer/proof.ts'
import type { JsonObject } from '../jose/json.ts'
import { rowBytes } from '../once/row.ts'
import { type InTurn, turnstile } from '../once/turnstile.ts'
import { checkBatch } from './accept-copies.ts'
import type { HeldCredential, HeldCredentials, RenewalGrant } from './held-credentials.ts'
import {
  copyBytes,
  type CopyRow,
  HOLDER_TABLES,
  type KeyRow,
  readBatch,
  readCopies,
  staleBatches,
} from './holder-rows.ts'

/** How long keys wait for their copies, in milliseconds: an answer that took a day will not come. */
const BATCH_LIFETIME = 24 * 60 * 60 * 1000

/** What a holder needs of its surroundings. */
export interface HolderComponents {
  readonly cryptography: Cryptography
  readonly random: Random
  readonly clock: Clock
  /** This device's own rows: keys and copies, never synced. */
  readonly store: Store
  /** The vault's credentials, synced. */
  readonly held: HeldCredentials
}

/** One copy, taken to be shown: it is marked as used on disk already. */
export interface TakenCopy {
  readonly token: string
  /** Signs with the copy's holder key. */
  readonly signer: Signer
  /** Where its disclosures stand; absent for a copy that an earlier version received. */
  readonly places?: readonly DisclosurePlace[]
  /** True when this very copy was shown before, which was asked for. */
  readonly isReused: boolean
}

/** Holds credentials on one device: makes keys, checks and keeps copies, and gives each copy out once. */
export interface Holder {
  /** Makes the keys of a batch, durably, before the issuer hears of them. `count`: 1 to `MAX_BATCH`. */
  beginBatch(count: number): Promise<string>
  /** Proofs of possession for the keys of a batch (OpenID4VCI 1.0, appendix F.1). Throws `ERR_NOT_FOUND`. */
  proofs(
    batch: string,
    request: { readonly audience: string; readonly nonce: string },
  ): Promise<readonly string[]>
  /**
   * Checks all copies of a batch and keeps them, or none. Problems: those of `checkBatch`, and `claims_changed` when a
   * renewal certifies something else. Throws `ERR_NOT_FOUND` for a batch that does not wait.
   */
  acceptBatch(
    batch: string,
    received: ReceivedBatch,
  ): Promise<Outcome<{ readonly credential: HeldCredential; readonly copies: number }>>
  /** How many copies of a credential are left on this device that nobody has seen and that have not expired. */
  countFresh(credential: string): Promise<number>
  /** The copies of a credential on this device, byte for byte as they were issued; also those shown or expired. */
  copies(credential: string): AsyncIterable<string>
  /**
   * Takes one copy to show to a verifier: marked on disk before it is given. With `allowReuse`, the copy that was taken
   * for this verifier before is given again. One that was taken for another verifier is never given: the two could
   * recognise it. Throws `ERR_NO_FRESH_COPY` when none is left.
   */
  takeCopy(
    credential: string,
    use: { readonly verifier: string; readonly allowReuse?: boolean },
  ): Promise<TakenCopy>
}

/** What came from an issuer. */
export interface ReceivedBatch {
  readonly tokens: readonly string[]
  readonly issuerKey: PublicKey
  readonly grant: RenewalGrant
  /** For a renewal: which credential the copies are of. */
  readonly credential?: string
}

/** Opens the holder of this device. */
export function openHolder(components: HolderComponents): Holder {
  const inTurn = turnstile()
  return {
    beginBatch: (count) => beginBatch(components, count),
    proofs: (batch, request) => proofs(components, batch, request),
    acceptBatch: (batch, received) => inTurn(batch, () => acceptBatch(components, batch, received)),
    async countFresh(credential) {
      const at = components.clock.now() / 1000
      const copies = await readCopies(components.store)
      return copies.filter(({ row }) => row.credential === credential && isFresh(row, at)).length
    },
    copies: (credential) => copiesOf(components, credential),
    takeCopy: (credential, use) => takeCopy(components, inTurn, { credential, ...use }),
  }
}

async function beginBatch(
  { cryptography, random, clock, store }: HolderComponents,
  count: number,
): Promise<string> {
  if (!Number.isInteger(count) || count < 1 || count > MAX_BATCH) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', `a batch has 1 to ${MAX_BATCH} copies`)
  }
  const id = base64url(random(16))
  const keys = Array.from({ length: count }, () => {
    const { publicKey, secretKey } = cryptography.generateKeyPair('ES256')
    return { public: publicKey.bytes, secret: secretKey }
  })
  await store.commit([{ table: HOLDER_TABLES.batches, key: id, value: rowBytes({ keys, at: clock.now() }) }])
  return id
}

async function proofs(
  components: HolderComponents,
  batch: string,
  request: { readonly audience: string; readonly nonce: string },
): Promise<readonly string[]> {
  const { cryptography, clock } = components
  const keys = await keysOf(components, batch)
  const at = Math.floor(clock.now() / 1000)
  return Promise.all(keys.map((key) => makeProof(cryptography.signer(pairOf(key)), { ...request, at })))
}

async function acceptBatch(
  components: HolderComponents,
  batch: string,
  { tokens, issuerKey, grant, credential: id }: ReceivedBatch,
): Promise<Outcome<{ readonly credential: HeldCredential; readonly copies: number }>> {
  const { clock, cryptography, held, store } = components
  const keys = await keysOf(components, batch)
  const publicKeys = keys.map((key) => pairOf(key).publicKey)
  const checked = checkBatch(components, tokens, { issuer: grant.issuer, issuerKey, keys: publicKeys })
  if (!checked.ok) return checked
  const { claims, copies, vct } = checked
  const known = id === undefined ? undefined : await held.get(id)
  if (id !== undefined && !known)
    throw new MunimentError('ERR_NOT_FOUND', 'there is no such credential to renew')
  if (known && !isSame(known, { issuer: grant.issuer, vct, claims })) return CLAIMS_CHANGED
  // A first credential is named after its batch, so that a crash before the commit below makes no second one.
  const credential: HeldCredential = {
    id: id ?? batch,
    issuer: grant.issuer,
    vct,
    claims,
    grant,
    receivedAt: known?.receivedAt ?? clock.now(),
  }
  await held.put(credential)
  const rows = copies.flatMap(({ expires, keyIndex, places, token }) => {
    const key = keys[keyIndex]
    if (!key) return []
    const name = jwkThumbprint(cryptography, pairOf(key).publicKey)
    const row = { credential: credential.id, token, key, expires, usedFor: null, places }
    return [{ table: HOLDER_TABLES.copies, key: name, value: copyBytes(row) }]
  })
  await store.commit([
    { table: HOLDER_TABLES.batches, key: batch, value: undefined },
    ...rows,
    ...(await lapsed(components)),
  ])
  return { ok: true, credential, copies: copies.length }
}

async function* copiesOf({ store }: HolderComponents, credential: string): AsyncGenerator<string> {
  for (const { row } of await readCopies(store)) if (row.credential === credential) yield row.token
}

async function takeCopy(
  { clock, cryptography, store }: HolderComponents,
  inTurn: InTurn,
  use: { readonly credential: string; readonly verifier: string; readonly allowReuse?: boolean },
): Promise<TakenCopy> {
  return inTurn(`take ${use.credential}`, async () => {
    const at = clock.now() / 1000
    const all = await readCopies(store)
    const copies = all.filter(({ row }) => row.credential === use.credential && row.expires > at)
    const fresh = copies.find(({ row }) => row.usedFor === null)
    const before = use.allowReuse ? copies.findLast(({ row }) => row.usedFor === use.verifier) : undefined
    const chosen = before ?? fresh
    if (!chosen) {
      throw new MunimentError('ERR_NO_FRESH_COPY', 'no copy of this credential is left that nobody has seen')
    }
    const isReused = chosen === before
    if (!isReused) {
      await store.commit([
        {
          table: HOLDER_TABLES.copies,
          key: chosen.key,
          value: copyBytes({ ...chosen.row, usedFor: use.verifier }),
        },
      ])
    }
    const { key, token, places } = chosen.row
    return { token, signer: cryptography.signer(pairOf(key)), isReused, ...(places && { places }) }
  })
}

/** What a copy shows, and what it is bound to. */
export interface PresentationDraft {
  /** What selection by the query gave. */
  readonly disclose: readonly ConcretePath[]
  readonly audience: string
  readonly nonce: string
  /** Unix seconds. */
  readonly issuedAt: number
  readonly transactionData?: readonly string[]
  readonly contractAnswer?: JsonObject
}

/** The exact bytes to send: a taken copy with the chosen claims, bound to one request. */
export async function presentCopy(
  { cryptography }: { readonly cryptography: Cryptography },
  { token, signer, places }: TakenCopy,
  { disclose, ...binding }: PresentationDraft,
): Promise<string> {
  const shown = places
    ? presentFromPlaces(token, places, disclose)
    : presentSdJwt(token, { cryptography }, { reveal: disclose, nested: true })
  return bindPresentation(shown, { cryptography, signer }, binding)
}

async function keysOf({ store }: HolderComponents, batch: string): Promise<readonly KeyRow[]> {
  const row = await readBatch(store, batch)
  if (!row) throw new MunimentError('ERR_NOT_FOUND', 'no such batch waits for its copies')
  return row.keys
}

/** Copies that have expired, and keys of batches whose answer was lost. */
async function lapsed({
  clock,
  store,
}: HolderComponents): Promise<readonly { table: string; key: string; value: undefined }[]> {
  const now = clock.now()
  const copies = (await readCopies(store)).filter(({ row }) => row.expires <= now / 1000)
  const batches = await staleBatches(store, now - BATCH_LIFETIME)
  return [
    ...copies.map(({ key }) => ({ table: HOLDER_TABLES.copies, key, value: undefined })),
    ...batches.map((key) => ({ table: HOLDER_TABLES.batches, key, value: undefined })),
  ]
}

function pairOf(key: KeyRow): KeyPair {
  return { publicKey: { algorithm: 'ES256', bytes: key.public }, secretKey: key.secret }
}

function isFresh(row: CopyRow, at: number): boolean {
  return row.usedFor === null && row.expires > at
}

function isSame(
  known: HeldCredential,
  { claims, issuer, vct }: Pick<HeldCredential, 'claims' | 'issuer' | 'vct'>,
): boolean {
  return known.issuer === issuer && known.vct === vct && canonicalText(known.claims) === canonicalText(claims)
}

function canonicalText(claims: JsonObject): string {
  return base64url(rowBytes(claims))
}

const CLAIMS_CHANGED: Outcome<never> = {
  ok: false,
  problems: [
    { code: 'claims_changed', message: 'The issuer certifies something else now than what is held.' },
  ],
}
