import { base64url } from '@muniment/crypto'
import type { DataKeys, DeviceId, KeyId, KeyPair } from '@muniment/interface'
import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { type EntryDraft, type Log, type LogEntry, type LogFrame, openLog } from '../../src/index.ts'
import { type UnsafeTestingStore, unsafeTestingStore } from './unsafe-testing-store.ts'

export const VAULT = base64url(new Uint8Array(32).fill(1))
const EPOCH = base64url(new Uint8Array(32).fill(2))

/** Data keys in memory, shared by the devices of a test. */
export interface UnsafeTestingKeys extends DataKeys {
  readonly keys: Map<KeyId, Uint8Array>
  erase(id: KeyId): void
}

function unsafeTestingKeys(): UnsafeTestingKeys {
  const keys = new Map<KeyId, Uint8Array>()
  const erased = new Set<KeyId>()
  return {
    keys,
    get: (id) => keys.get(id),
    isErased: (id) => erased.has(id),
    isCurrent: (id) => keys.has(id),
    async create(count) {
      const ids = Array.from({ length: count }, () => base64url(nodeRandom(16)))
      for (const id of ids) keys.set(id, nodeRandom(32))
      return ids
    },
    erase(id) {
      keys.delete(id)
      erased.add(id)
    },
  }
}

/** A vault of some devices, each with its own store, all of one roster. */
export interface Family {
  readonly keys: UnsafeTestingKeys
  readonly roster: Set<DeviceId>
  readonly key: KeyId
  /** Where the logs of removed devices end. */
  readonly cuts: UnsafeTestingCuts
}

/** Cuts that a test makes itself, known to all devices at once. */
export interface UnsafeTestingCuts {
  of(device: DeviceId): { readonly seq: number } | undefined
  onChange(listener: () => void): () => void
  /** Removes a device as of that entry. */
  cut(device: DeviceId, seq: number): void
  /** The removal turns out to be void. */
  lift(device: DeviceId): void
}

/** No device was removed. */
export function unsafeTestingCuts(roster: Pick<Set<DeviceId>, 'add' | 'delete'>): UnsafeTestingCuts {
  const cuts = new Map<DeviceId, { readonly seq: number }>()
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  return {
    of: (device) => cuts.get(device),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    cut(device, seq) {
      roster.delete(device)
      cuts.set(device, { seq })
      tell()
    },
    lift(device) {
      roster.add(device)
      cuts.delete(device)
      tell()
    },
  }
}

export async function family(): Promise<Family> {
  const keys = unsafeTestingKeys()
  const [key = ''] = await keys.create(1)
  const roster = new Set<DeviceId>()
  return { keys, roster, key, cuts: unsafeTestingCuts(roster) }
}

export interface Actor {
  readonly id: DeviceId
  readonly keyPair: KeyPair
  readonly store: UnsafeTestingStore
  readonly log: Log
  /** The same device, started again on this store (its own, unless another is given). */
  restart(store?: UnsafeTestingStore): Promise<Actor>
}

export async function newDevice(members: Family, { isOffline = true } = {}): Promise<Actor> {
  const keyPair = nodeCryptography.generateKeyPair('Ed25519')
  members.roster.add(base64url(keyPair.publicKey.bytes))
  return startDevice(members, keyPair, { store: unsafeTestingStore(), isOffline })
}

async function startDevice(
  members: Family,
  keyPair: KeyPair,
  { store, isOffline }: { store: UnsafeTestingStore; isOffline: boolean },
): Promise<Actor> {
  const log = await openLog(
    {
      cryptography: nodeCryptography,
      random: nodeRandom,
      store,
      dataKeys: members.keys,
      members: {
        isMember: (device) => members.roster.has(device),
        cutOf: (device) => members.cuts.of(device),
        onChange: (listener) => members.cuts.onChange(listener),
      },
      signer: nodeCryptography.signer(keyPair),
    },
    { vault: VAULT, epoch: () => EPOCH },
  )
  if (isOffline) log.knownOffline()
  return {
    id: base64url(keyPair.publicKey.bytes),
    keyPair,
    store,
    log,
    restart: (other = store) => startDevice(members, keyPair, { store: other, isOffline: false }),
  }
}

export function note(members: Family, text: string): EntryDraft {
  return { kind: 'shard', body: new TextEncoder().encode(text), key: members.key }
}

export async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export async function framesOf(log: Log, after = {}): Promise<LogFrame[]> {
  return allOf(log.frames(after))
}

/** Gives `to` everything that `from` has and it lacks. */
export async function hand(from: Log, to: Log): Promise<void> {
  const frames = await framesOf(
    from,
    Object.fromEntries(Object.entries(to.heads()).map(([id, { seq }]) => [id, seq])),
  )
  await to.receiveAll(frames.map(({ bundle }) => bundle))
}

export function textOf(entry: LogEntry): string {
  return entry.body ? new TextDecoder().decode(entry.body) : `(${entry.why})`
}

/** The texts of a device's entries, without session entries. */
export async function textsOf(log: Log, device: DeviceId): Promise<string[]> {
  const entries = await allOf(log.entries(device))
  return entries.filter(({ kind }) => kind !== 'session').map(textOf)
}

export function nth<T>(items: readonly T[], index: number): T {
  const item = items[index]
  if (item === undefined) throw new Error(`there is no item ${index} of ${items.length}`)
  return item
}
