import { base64url } from '@muniment/crypto'
import type { Clock, ErasableKeys, DeviceId, KeyId, KeyPair, RecordDraft, Store } from '@muniment/interface'
import { type Log, openLog } from '@muniment/log'
import { nodeCompression, nodeCryptography, nodeRandom } from 'muniment/platform'
import { openMemoryStore } from 'muniment/store'
import { unsafeTestingCuts, type UnsafeTestingCuts } from '../../../log/test/support/actors.ts'
import { openVault, type Vault, type VaultRecord } from '../../src/index.ts'

const VAULT = base64url(new Uint8Array(32).fill(1))
const EPOCH = base64url(new Uint8Array(32).fill(2))

/** Data keys in memory, shared by the devices of a test, as if keyrings were always merged. */
interface UnsafeTestingKeys extends ErasableKeys {
  /** Keys that have not reached the devices yet. */
  readonly hidden: Set<KeyId>
  /** Someone was removed: all keys made so far seal nothing new. */
  endGeneration(): void
}

function unsafeTestingKeys(): UnsafeTestingKeys {
  const keys = new Map<KeyId, Uint8Array>()
  const erased = new Set<KeyId>()
  const hidden = new Set<KeyId>()
  const past = new Set<KeyId>()
  return {
    hidden,
    get: (id) => (hidden.has(id) ? undefined : keys.get(id)),
    isErased: (id) => erased.has(id),
    isCurrent: (id) => !hidden.has(id) && keys.has(id) && !past.has(id),
    async create(count) {
      const ids = Array.from({ length: count }, () => base64url(nodeRandom(16)))
      for (const id of ids) keys.set(id, nodeRandom(32))
      return ids
    },
    get erasedCount() {
      return erased.size
    },
    async erase(ids) {
      for (const id of ids) {
        keys.delete(id)
        erased.add(id)
      }
    },
    endGeneration() {
      for (const id of keys.keys()) past.add(id)
    },
  }
}

/** A clock that a test moves itself. */
function unsafeTestingClock(start = 1_700_000_000_000): Clock & { time: number } {
  return {
    time: start,
    now() {
      return this.time++
    },
    wait: () => Promise.resolve(),
  }
}

/** Someone's devices: one roster, one keyring. */
export interface Family {
  readonly keys: UnsafeTestingKeys
  /** Client ids by device, as the roster assigns them. */
  readonly roster: Map<DeviceId, number>
  readonly cuts: UnsafeTestingCuts
  /** The devices that were not removed. */
  readonly members: Set<DeviceId>
}

export function newFamily(): Family {
  const members = new Set<DeviceId>()
  return { keys: unsafeTestingKeys(), roster: new Map(), members, cuts: unsafeTestingCuts(members) }
}

/** One device with its vault open. */
export interface Actor {
  readonly id: DeviceId
  readonly client: number
  readonly keyPair: KeyPair
  readonly store: Store
  readonly log: Log
  readonly vault: Vault
  readonly clock: Clock & { time: number }
  /** The device started again on its store (or on another, given one). */
  restart(store?: Store): Promise<Actor>
}

export function newStore(): Promise<Store> {
  return openMemoryStore({ key: nodeRandom(32), cryptography: nodeCryptography, random: nodeRandom })
}

export async function newDevice(family: Family, store?: Store): Promise<Actor> {
  const keyPair = nodeCryptography.generateKeyPair('Ed25519')
  const id = base64url(keyPair.publicKey.bytes)
  family.roster.set(id, 100 + family.roster.size)
  family.members.add(id)
  return startDevice(family, keyPair, store ?? (await newStore()))
}

export async function startDevice(family: Family, keyPair: KeyPair, store: Store): Promise<Actor> {
  const id = base64url(keyPair.publicKey.bytes)
  const clock = unsafeTestingClock()
  const log = await openLog(
    {
      cryptography: nodeCryptography,
      random: nodeRandom,
      store,
      dataKeys: family.keys,
      members: {
        isMember: (device) => family.members.has(device),
        cutOf: (device) => family.cuts.of(device),
        onChange: (listener) => family.cuts.onChange(listener),
      },
      signer: nodeCryptography.signer(keyPair),
    },
    { vault: VAULT, epoch: () => EPOCH },
  )
  log.knownOffline()
  const vault = await openVault(
    {
      log,
      dataKeys: family.keys,
      store,
      cryptography: nodeCryptography,
      random: nodeRandom,
      clock,
      compression: nodeCompression,
    },
    { device: id, clientIdOf: (device) => family.roster.get(device) },
  )
  const client = family.roster.get(id) ?? 0
  const restart = (other = store): Promise<Actor> => startDevice(family, keyPair, other)
  return { id, client, keyPair, store, log, vault, clock, restart }
}

export async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Gives `to` everything that `from` has and it lacks, and waits until it is taken in. */
export async function hand(from: Actor, to: Actor): Promise<void> {
  const held = Object.fromEntries(Object.entries(to.log.heads()).map(([id, { seq }]) => [id, seq]))
  const frames = await allOf(from.log.frames(held))
  await to.log.receiveAll(frames.map(({ bundle }) => bundle))
  await to.vault.settled()
}

/** Both devices have everything. */
export async function meet(one: Actor, other: Actor): Promise<void> {
  await hand(one, other)
  await hand(other, one)
}

export async function recordOf({ vault }: Actor, id: string): Promise<VaultRecord> {
  const record = await vault.record(id)
  if (!record) throw new Error('the record is not there')
  return record
}

export function payment(number: number, amount = '12.50'): RecordDraft {
  const day = new Date(Date.UTC(2024, 0, 1) + (number % 700) * 86_400_000).toISOString().slice(0, 10)
  return {
    collection: 'bank-transaction',
    title: `Bakery ${number}`,
    time: day,
    fields: { amount, currency: 'EUR', reference: `R${number}`, account: 'FR761234' },
    place: `line ${number}`,
  }
}

export function payments(count: number): RecordDraft[] {
  return Array.from({ length: count }, (_, number) => payment(number))
}

export function nth<T>(items: readonly T[], index: number): T {
  const item = items[index]
  if (item === undefined) throw new Error(`there is no item ${index} of ${items.length}`)
  return item
}
