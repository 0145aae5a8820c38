import { toCanonical } from '@muniment/crypto'
import type { Cryptography, DeviceId, Store, VaultId } from '@muniment/interface'
import type { LogHead } from '@muniment/log'
import * as v from 'valibot'
import { type Anchor, type Anchors, newestAnchors, readAnchor } from './anchor.ts'
import { bytes, count, name43, parseCanonical, sequence } from './schemas.ts'

const SEEN = 'replicas/seen'
const HEARD = 'replicas/heard'
const HEADS = 'replicas/heads'
const COUNTER = 'replicas/counter'
const OWN = 'anchors'
const uploaded = (replica: string): string => `replicas/uploaded/${replica}`

const memorySchema = v.strictObject({ v: v.literal(1), anchors: v.array(bytes) })
const headsSchema = v.strictObject({
  heads: v.record(v.string(), v.strictObject({ seq: sequence, hash: name43 })),
})
const counterSchema = v.strictObject({ counter: count })

interface MemoryComponents {
  readonly store: Store
  readonly cryptography: Cryptography
}

/** Which replica of which vault is remembered, and whether this device saw it so, or was told by another one. */
export interface MemoryPlace {
  readonly vault: VaultId
  readonly replica: string
  readonly isHeard?: boolean
}

/**
 * What a replica is known to have held: the newest anchor that each device left there. What was *seen* there must be
 * there ever after; what was only heard of may not have arrived yet, where a folder is synced.
 */
export async function readMemory(
  { store, cryptography }: MemoryComponents,
  { vault, replica, isHeard = false }: MemoryPlace,
): Promise<Anchors> {
  const row = await store.get(isHeard ? HEARD : SEEN, replica)
  return row ? decodeMemory(cryptography, vault, row) : new Map()
}

/** Adds to what is remembered: nothing is ever forgotten by it. */
export async function addToMemory(
  components: MemoryComponents,
  place: MemoryPlace,
  anchors: Iterable<Anchor>,
): Promise<void> {
  const held = await readMemory(components, place)
  const merged = newestAnchors(held.values(), anchors)
  const isSame = [...merged.values()].every(({ device, counter }) => held.get(device)?.counter === counter)
  if (isSame) return
  const table = place.isHeard === true ? HEARD : SEEN
  await components.store.commit([{ table, key: place.replica, value: encodeMemory(merged) }])
}

/** For each device the furthest that these say its log was. */
export function furthest(...lists: readonly Heads[]): Record<DeviceId, LogHead> {
  const all: Record<DeviceId, LogHead> = {}
  for (const heads of lists) {
    for (const [device, { seq, hash }] of Object.entries(heads)) {
      if ((all[device]?.seq ?? 0) < seq) all[device] = { seq, hash }
    }
  }
  return all
}

/** How far logs were. */
export type Heads = Readonly<Record<DeviceId, LogHead>>

/** How far this device has seen the logs at a replica: what it must be found to lack once it has gone back. */
export async function readSeenHeads(store: Store, replica: string): Promise<Heads> {
  const row = await store.get(HEADS, replica)
  return row ? parseCanonical(headsSchema, row, 'how far the logs at a replica were').heads : {}
}

/** Adds to what {@link readSeenHeads} gives. */
export async function addSeenHeads(store: Store, replica: string, heads: Heads): Promise<void> {
  const held = await readSeenHeads(store, replica)
  const merged = furthest(held, heads)
  const isSame = Object.entries(merged).every(([device, { seq }]) => held[device]?.seq === seq)
  if (isSame) return
  const rows = Object.entries(merged).map(([device, { seq, hash }]) => [device, { seq, hash }] as const)
  await store.commit([
    { table: HEADS, key: replica, value: toCanonical({ heads: Object.fromEntries(rows) }) },
  ])
}

/** What is remembered as bytes, for the vault's other devices. */
export function encodeMemory(anchors: Anchors): Uint8Array {
  return toCanonical({ v: 1, anchors: [...anchors.values()].map((anchor) => anchor.bytes) })
}

/** Reads {@link encodeMemory}; every anchor is checked. Throws `ERR_MALFORMED`, `ERR_BAD_SIGNATURE`. */
export function decodeMemory(
  cryptography: Cryptography,
  vault: VaultId,
  encoded: Uint8Array,
): Map<string, Anchor> {
  const { anchors } = parseCanonical(memorySchema, encoded, 'what was remembered of a replica')
  return newestAnchors(anchors.map((each) => readAnchor(cryptography, vault, each)))
}

/** The number of this device's last anchor, on disk before the anchor is signed. */
export async function raiseCounter(store: Store, atLeast: number): Promise<number> {
  const row = await store.get(COUNTER, OWN)
  const last = row ? parseCanonical(counterSchema, row, 'the number of an anchor').counter : 0
  const counter = Math.max(last, atLeast) + 1
  await store.commit([{ table: COUNTER, key: OWN, value: toCanonical({ counter }) }])
  return counter
}

/** Packs that this device has written to a replica and that no head lists yet. */
export async function readUploaded(store: Store, replica: string): Promise<Set<string>> {
  const names = new Set<string>()
  for await (const { key } of store.listNames(uploaded(replica))) names.add(key)
  return names
}

/** Notes a pack as written, so that an upload that is cut off does not write it again. */
export async function noteUploaded(store: Store, replica: string, name: string): Promise<void> {
  await store.commit([{ table: uploaded(replica), key: name, value: Uint8Array.of(1) }])
}

/** Takes the notes back, once a head lists the packs or they were removed. */
export async function clearUploaded(store: Store, replica: string, names: Iterable<string>): Promise<void> {
  const changes = [...names].map((key) => ({ table: uploaded(replica), key, value: undefined }))
  if (changes.length > 0) await store.commit(changes)
}
