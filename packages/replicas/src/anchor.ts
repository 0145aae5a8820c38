import { base64url, fromBase64url, hashInDomain, inDomain, toCanonical } from '@muniment/crypto'
import {
  type Cryptography,
  type DeviceId,
  type EpochId,
  type Milliseconds,
  MunimentError,
  type Signer,
  type VaultId,
} from '@muniment/interface'
import type { LogHead } from '@muniment/log'
import * as v from 'valibot'
import { ANCHOR_DOMAIN, VECTOR_DOMAIN } from './constants.ts'
import { bytesOf, count, parseCanonical, sequence } from './schemas.ts'

/**
 * A device's signed word on how far its vault was (protocol rule 8): left with replicas and guardians, so that a restore
 * from an old copy can tell that it is one.
 */
export interface Anchor {
  readonly device: DeviceId
  /** Counts the anchors of this device, from 1. */
  readonly counter: number
  /** The epoch, which is the hash of the roster's heads (protocol rule 4). */
  readonly epoch: EpochId
  /** base64url of the hash of the version vector: see {@link hashOfHeads}. */
  readonly vector: string
  /** The device's wall clock. It is shown, and orders nothing. */
  readonly at: Milliseconds
  /** The anchor as it is left with others; it holds no name of the vault. */
  readonly bytes: Uint8Array
}

/** What an anchor says, before it is signed. */
export type AnchorDraft = Omit<Anchor, 'bytes' | 'device'>

const HASH_LENGTH = 32
const SIGNATURE_LENGTH = 64
const schema = v.strictTuple([
  v.literal(1),
  bytesOf(HASH_LENGTH),
  sequence,
  bytesOf(HASH_LENGTH),
  bytesOf(HASH_LENGTH),
  count,
  bytesOf(SIGNATURE_LENGTH),
])

/** Signs an anchor as the device whose key it is. */
export async function signAnchor(vault: VaultId, signer: Signer, draft: AnchorDraft): Promise<Anchor> {
  const device = base64url(signer.publicKey.bytes)
  const signature = await signer.sign(signedBytes(vault, { ...draft, device }))
  const { counter, epoch, vector, at } = draft
  const bytes = toCanonical([
    1,
    signer.publicKey.bytes,
    counter,
    fromBase64url(epoch),
    fromBase64url(vector),
    at,
    signature,
  ])
  return { ...draft, device, bytes }
}

/** Reads an anchor of this vault. Throws `ERR_MALFORMED`, and `ERR_BAD_SIGNATURE` when its device did not sign it. */
export function readAnchor(cryptography: Cryptography, vault: VaultId, bytes: Uint8Array): Anchor {
  const [, key, counter, epoch, vector, at, signature] = parseCanonical(schema, bytes, 'an anchor')
  const said = {
    device: base64url(key),
    counter,
    epoch: base64url(epoch),
    vector: base64url(vector),
    at,
  }
  if (!cryptography.verify({ algorithm: 'Ed25519', bytes: key }, signedBytes(vault, said), signature)) {
    throw new MunimentError('ERR_BAD_SIGNATURE', 'this anchor is not signed by its device')
  }
  return { ...said, bytes }
}

function signedBytes(
  vault: VaultId,
  { device, counter, epoch, vector, at }: Omit<Anchor, 'bytes'>,
): Uint8Array {
  return inDomain(ANCHOR_DOMAIN, toCanonical({ vault, device, counter, epoch, vector, at }))
}

/** The hash of a version vector: of each device's last entry number and last frame's hash. */
export function hashOfHeads(cryptography: Cryptography, heads: Readonly<Record<DeviceId, LogHead>>): string {
  const said = Object.fromEntries(
    Object.entries(heads).map(([device, { seq, hash }]) => [device, { seq, hash: fromBase64url(hash) }]),
  )
  return base64url(hashInDomain(cryptography, VECTOR_DOMAIN, toCanonical(said)))
}

/** Anchors by their devices. */
export type Anchors = ReadonlyMap<DeviceId, Anchor>

/** For each device the anchor with the highest counter. */
export function newestAnchors(...lists: readonly Iterable<Anchor>[]): Map<DeviceId, Anchor> {
  const newest = new Map<DeviceId, Anchor>()
  for (const list of lists) {
    for (const anchor of list) {
      const held = newest.get(anchor.device)
      if (!held || held.counter < anchor.counter) newest.set(anchor.device, anchor)
    }
  }
  return newest
}

/** The devices of which `known` has a later anchor than `found`. */
export function devicesBehind(found: Anchors, known: Anchors): DeviceId[] {
  return [...known.values()]
    .filter(({ device, counter }) => (found.get(device)?.counter ?? 0) < counter)
    .map(({ device }) => device)
}

/**
 * When what was restored was last known to be everything, if anchors that can be reached elsewhere (other replicas,
 * guardians) are later than those it came with; `undefined` when none is. A time of 0: never.
 */
export function unconfirmedSince(
  restored: readonly Anchor[],
  reachable: readonly Anchor[],
): Milliseconds | undefined {
  if (devicesBehind(newestAnchors(restored), newestAnchors(reachable)).length === 0) return undefined
  return Math.max(0, ...restored.map(({ at }) => at))
}
