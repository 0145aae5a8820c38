import { type Channel, type Clock, type DeviceId, MunimentError, type PeerId } from '@muniment/interface'
import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { memoryChannelPair } from 'muniment/network'
import { type Actor, type Family, newDevice } from '../../../log/test/support/actors.ts'
import { syncWith, type SyncComponents, type SyncInit, type SyncKeyring } from '../../src/index.ts'

export { family, type Family, note, nth, textsOf } from '../../../log/test/support/actors.ts'

/** Time that stands still until a test moves it. */
export interface UnsafeTestingClock extends Clock {
  pass(milliseconds: number): void
}

export function unsafeTestingClock(): UnsafeTestingClock {
  let time = 0
  const waiting = new Set<{ due: number; resolve: () => void }>()
  return {
    now: () => time,
    wait: (duration, { signal } = {}) =>
      new Promise((resolve, reject) => {
        const wait = { due: time + duration, resolve }
        waiting.add(wait)
        const giveUp = () => {
          waiting.delete(wait)
          reject(new MunimentError('ERR_ABORTED', 'the wait was given up'))
        }
        if (signal?.aborted) giveUp()
        else signal?.addEventListener('abort', giveUp, { once: true })
      }),
    pass(milliseconds) {
      time += milliseconds
      for (const wait of waiting) {
        if (wait.due > time) continue
        waiting.delete(wait)
        wait.resolve()
      }
    },
  }
}

/** A keyring of one counter a device, for tests: it can be merged and tells when it changes, and seals nothing. */
export interface UnsafeTestingKeyring extends SyncKeyring {
  readonly version: Map<DeviceId, number>
  readonly merged: number
  change(device: DeviceId): void
}

function unsafeTestingKeyring(): UnsafeTestingKeyring {
  const version = new Map<DeviceId, number>()
  const listeners = new Set<() => void>()
  let merged = 0
  const tell = () => {
    for (const listener of listeners) listener()
  }
  return {
    version,
    get merged() {
      return merged
    },
    describe: () => ({ epoch: undefined, version: Object.fromEntries(version) }),
    bytes: () => (version.size > 0 ? new TextEncoder().encode(JSON.stringify([...version])) : undefined),
    async merge(bytes) {
      merged++
      const theirs = JSON.parse(new TextDecoder().decode(bytes)) as [DeviceId, number][]
      const before = JSON.stringify([...version])
      for (const [device, changes] of theirs) version.set(device, Math.max(version.get(device) ?? 0, changes))
      if (before !== JSON.stringify([...version])) tell()
      return { ok: true }
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    change(device) {
      version.set(device, (version.get(device) ?? 0) + 1)
      tell()
    },
  }
}

export interface SyncActor extends Actor {
  readonly peer: PeerId
  readonly keyring: UnsafeTestingKeyring
  readonly components: SyncComponents
}

/** Who is in the roster by which peer id, and who listens to its changes. */
const rosters = new WeakMap<Family, { byPeer: Map<PeerId, DeviceId>; listeners: Set<() => void> }>()

function rosterOf(members: Family) {
  const known = rosters.get(members) ?? { byPeer: new Map(), listeners: new Set() }
  rosters.set(members, known)
  return known
}

export async function newSyncDevice(
  members: Family,
  options: { isOffline?: boolean; clock?: Clock } = {},
): Promise<SyncActor> {
  return withSync(members, await newDevice(members, { isOffline: options.isOffline ?? true }), options)
}

/** A device of the log's tests, with what sync needs around it. */
export function withSync(members: Family, actor: Actor, { clock }: { clock?: Clock } = {}): SyncActor {
  const { byPeer, listeners } = rosterOf(members)
  const peer = `peer-${actor.id}`
  byPeer.set(peer, actor.id)
  const keyring = unsafeTestingKeyring()
  const roster: SyncComponents['roster'] = {
    byTransport: (remote) => {
      const id = byPeer.get(remote)
      return id === undefined ? undefined : { id }
    },
    isMember: (device) => members.roster.has(device),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const components = {
    log: actor.log,
    roster,
    keyring,
    cryptography: nodeCryptography,
    random: nodeRandom,
    clock: clock ?? unsafeTestingClock(),
    signer: nodeCryptography.signer(actor.keyPair),
  }
  return { ...actor, peer, keyring, components }
}

export function removeDevice(members: Family, device: DeviceId): void {
  members.roster.delete(device)
  for (const listener of rosterOf(members).listeners) listener()
}

export interface Connection {
  /** Ends it from the left. */
  stop(): void
  /** Cuts it, as a lost network does. */
  cut(): void
  /** How each end came out: `ended`, or the code of its error. */
  readonly ends: Promise<[string, string]>
}

export const ending = (promise: Promise<void>): Promise<string> =>
  promise.then(
    () => 'ended',
    (error: unknown) => (error instanceof MunimentError ? error.code : String(error)),
  )

export function connect(
  left: SyncActor,
  right: SyncActor,
  { leftInit = {}, messages = Infinity }: { leftInit?: SyncInit; messages?: number } = {},
): Connection {
  const [atLeft, atRight] = memoryChannelPair({ peers: [left.peer, right.peer] })
  const stopping = new AbortController()
  let sent = 0
  const cutting = (channel: Channel): Channel => ({
    ...channel,
    send: async (message) => {
      if (++sent > messages) atLeft.abort(new Error('the cable was cut'))
      await channel.send(message)
    },
  })
  const ends = Promise.all([
    ending(syncWith(cutting(atLeft), left.components, { ...leftInit, signal: stopping.signal })),
    ending(syncWith(cutting(atRight), right.components)),
  ])
  return { stop: () => stopping.abort(), cut: () => atLeft.abort(new Error('the cable was cut')), ends }
}

/** Resolves once the condition holds, looked at whenever one of the logs has news. */
export function until(actors: readonly SyncActor[], isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = []
    const look = () => {
      if (!isSo()) return
      for (const stop of stops) stop()
      resolve()
    }
    for (const { log, keyring } of actors)
      stops.push(log.onAppend(look), log.onFork(look), keyring.onChange(look))
    look()
  })
}

export const sameHeads = (...actors: readonly SyncActor[]): boolean =>
  new Set(actors.map(({ log }) => headsText(log.heads()))).size === 1

function headsText(heads: object): string {
  return JSON.stringify(Object.entries(heads).toSorted(([one], [two]) => (one < two ? -1 : 1)))
}

/** Connects two devices until they hold the same. */
export async function meet(left: SyncActor, right: SyncActor): Promise<void> {
  const connection = connect(left, right)
  await until([left, right], () => sameHeads(left, right))
  connection.stop()
  await connection.ends
}

/** A promise that a test keeps by calling `resolve`. */
export function later(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((keep) => (resolve = keep))
  return { promise, resolve }
}
