import { PAIRING_PROTOCOL, type RosterDevice } from '@muniment/devices'
import {
  type Channel,
  type DeviceId,
  isMunimentError,
  type Milliseconds,
  MunimentError,
} from '@muniment/interface'
import { SYNC_PROTOCOL, type SyncProgress, syncWith } from '@muniment/sync'
import { createNetwork, type Network } from '../network/index.ts'
import { nodeClock, nodeCryptography, nodeRandom } from '../platform/index.ts'
import { keepAddresses, parseAddresses, readAddresses } from './addresses.ts'
import type { PersonParts } from './open-parts.ts'
import { type InviteOptions, pairingDesk } from './pairing-desk.ts'

/** Milliseconds before the first new dial of a device that could not be reached; doubled each time. */
const FIRST_PAUSE = 250
/** The longest pause between dials. */
const LONGEST_PAUSE = 60_000
/** Milliseconds in which another device must be reached before this one counts as offline and may write. */
const HEAD_PATIENCE = 3_000
/** Milliseconds that a person who asks for a sync waits for another device to be reached. */
const SYNC_PATIENCE = 15_000
/** Setting under which each device tells the others where it is reached. */
const ADDRESS_SETTING = 'device-address/'

/** How a device of the vault stands, seen from here. */
export interface PeerStatus {
  readonly id: DeviceId
  readonly name: string
  readonly isThisDevice: boolean
  readonly online: boolean
  /** Since when it has been online or offline. */
  readonly since: Milliseconds
}

/** This device's connections to the others of its vault. */
export interface DeviceSync {
  addresses(): readonly string[]
  peers(): readonly PeerStatus[]
  /** Resolves once another device has compared heads with this one, or none could be reached. */
  greeted(): Promise<void>
  /** Resolves once every reachable device's entries are here. Throws `ERR_UNREACHABLE` when none is reachable. */
  caughtUp(options: {
    readonly signal?: AbortSignal | undefined
    readonly onProgress?: ((progress: SyncProgress) => void) | undefined
  }): Promise<void>
  /** Invites one device and waits until it has joined. */
  invite(options: InviteOptions): Promise<RosterDevice>
  stop(): Promise<void>
}

interface Session {
  readonly device: DeviceId
  readonly ended: Promise<void>
  progress: SyncProgress | undefined
}

/** Starts the network of a device and keeps it connected to the other devices of the roster. */
export async function startDeviceSync(parts: PersonParts, listen: readonly string[]): Promise<DeviceSync> {
  const { roster, keys, log, vault } = parts
  const network = await createNetwork({ transportKey: parts.transportKey, listen, clock: nodeClock })
  const stopping = new AbortController()
  const sessions = new Map<DeviceId, Session>()
  const since = new Map<DeviceId, Milliseconds>()
  const news = newsBoard()
  const dialling = new Map<DeviceId, Promise<void>>()
  const started = nodeClock.now()
  /** Aborted to end the pauses between dials. */
  let hurry = new AbortController()

  const others = (): readonly RosterDevice[] => roster.devices().filter(({ id }) => id !== keys.id)

  async function talk(channel: Channel): Promise<void> {
    const device = roster.byTransport(channel.remote)
    if (!device) throw new MunimentError('ERR_NOT_A_MEMBER', 'this peer is no device of the vault')
    const ended = syncWith(
      channel,
      { ...parts, cryptography: nodeCryptography, random: nodeRandom, clock: nodeClock },
      {
        signal: stopping.signal,
        onGreeted: () => news.post(),
        onProgress: (progress) => {
          session.progress = progress
          news.post()
        },
      },
    )
    const session: Session = { device: device.id, ended, progress: undefined }
    sessions.set(device.id, session)
    since.set(device.id, nodeClock.now())
    news.post()
    try {
      await ended
    } finally {
      if (sessions.get(device.id) === session) {
        sessions.delete(device.id)
        since.set(device.id, nodeClock.now())
      }
      news.post()
    }
  }

  async function keepDialling(device: DeviceId): Promise<void> {
    let pause = FIRST_PAUSE
    while (!stopping.signal.aborted && roster.isMember(device)) {
      const current = sessions.get(device)
      if (current) {
        await current.ended.catch(() => undefined)
        pause = FIRST_PAUSE
      } else if (await dialOnce(device)) pause = FIRST_PAUSE
      const stop = AbortSignal.any([stopping.signal, hurry.signal])
      await nodeClock.wait(pause, { signal: stop }).catch(() => undefined)
      pause = Math.min(pause * 2, LONGEST_PAUSE)
    }
  }

  /** Dials a device and talks to it until the connection ends; false when it was not reached. */
  async function dialOnce(device: DeviceId): Promise<boolean> {
    const told = parseAddresses(await vault.getSetting(ADDRESS_SETTING + device))
    const known = await readAddresses(parts.store, device)
    for (const address of new Set([...told, ...known])) {
      try {
        const channel = await network.dial(address, SYNC_PROTOCOL, { signal: stopping.signal })
        // Both may have dialled at once. If each gave its own connection up for the other's, none would be left, and
        // the next try would meet in the same way: so the connection of the device with the lower id stays.
        if (sessions.has(device) && device < keys.id) {
          await channel.close()
          return true
        }
        attempts.add(device)
        await talk(channel)
        return true
      } catch (error) {
        if (stopping.signal.aborted) return false
        if (!isMunimentError(error)) throw error
      }
    }
    attempts.add(device)
    news.post()
    return false
  }
  /** Devices that were dialled at least once, reached or not. */
  const attempts = new Set<DeviceId>()

  function dialOthers(): void {
    for (const { id } of others()) {
      if (!dialling.has(id)) dialling.set(id, keepDialling(id))
    }
  }

  const pairing = pairingDesk(parts, { addresses: () => network.addresses(), stopping: stopping.signal })
  await network.serve(SYNC_PROTOCOL, talk, { allow: (peer) => roster.byTransport(peer) !== undefined })
  await network.serve(PAIRING_PROTOCOL, pairing.accept)
  const stopFollowing = roster.onChange(() => {
    dialOthers()
    news.post()
  })
  dialOthers()

  async function announce(): Promise<void> {
    const addresses = network.addresses()
    const told = parseAddresses(await vault.getSetting(ADDRESS_SETTING + keys.id))
    if (addresses.length === 0 || told.join() === addresses.join()) return
    await vault.putSetting(ADDRESS_SETTING + keys.id, addresses)
  }

  async function greeted(): Promise<void> {
    const patience = AbortSignal.timeout(HEAD_PATIENCE)
    const isSettled = (): boolean =>
      patience.aborted ||
      [...sessions.values()].some(({ progress }) => progress !== undefined) ||
      others().every(({ id }) => attempts.has(id) && !sessions.has(id))
    await news.until(isSettled, patience)
    if (sessions.size === 0) log.knownOffline()
  }

  return {
    addresses: () => network.addresses(),
    peers: () =>
      roster.devices().map(({ id, name }) => ({
        id,
        name,
        isThisDevice: id === keys.id,
        online: id === keys.id || sessions.has(id),
        since: since.get(id) ?? started,
      })),
    async greeted() {
      await greeted()
      await announce()
    },
    async caughtUp({ signal, onProgress }) {
      const isOver = (): boolean => {
        const progresses = [...sessions.values()].map(({ progress }) => progress)
        const sum = total(progresses)
        if (sum) onProgress?.(sum)
        return (
          progresses.length > 0 &&
          progresses.every((progress) => progress !== undefined && progress.received >= progress.expected) &&
          others().every(({ id }) => sessions.has(id) || attempts.has(id))
        )
      }
      const patience = AbortSignal.timeout(SYNC_PATIENCE)
      hurry.abort()
      hurry = new AbortController()
      const stop = signal ? AbortSignal.any([signal, patience]) : patience
      await news.until(() => isOver() || sessions.size > 0, stop)
      if (sessions.size > 0) await news.until(isOver, signal)
      if (signal?.aborted) throw new MunimentError('ERR_ABORTED', 'the sync was given up')
      if (sessions.size === 0) {
        throw new MunimentError('ERR_UNREACHABLE', 'no other device of this vault could be reached')
      }
      await vault.settled()
      for (const { device } of sessions.values()) await rememberAddress(parts, network, device)
    },
    invite: (options) => pairing.invite(options),
    async stop() {
      stopFollowing()
      stopping.abort()
      await network.stop()
      await Promise.allSettled([...sessions.values()].map(({ ended }) => ended))
      await Promise.allSettled(dialling.values())
    },
  }
}

function total(progresses: readonly (SyncProgress | undefined)[]): SyncProgress | undefined {
  const known = progresses.filter((progress) => progress !== undefined)
  if (known.length === 0) return undefined
  return {
    received: known.reduce((sum, { received }) => sum + received, 0),
    expected: known.reduce((sum, { expected }) => sum + expected, 0),
  }
}

async function rememberAddress(parts: PersonParts, _network: Network, device: DeviceId): Promise<void> {
  const told = parseAddresses(await parts.vault.getSetting(ADDRESS_SETTING + device))
  if (told.length > 0) await keepAddresses(parts.store, device, told)
}

interface NewsBoard {
  post(): void
  /** Resolves once the condition holds, looked at after every news, or the signal aborts. */
  until(condition: () => boolean, signal?: AbortSignal): Promise<void>
}

function newsBoard(): NewsBoard {
  const readers = new Set<() => void>()
  return {
    post() {
      for (const reader of readers) reader()
    },
    until(condition, signal) {
      return new Promise((resolve) => {
        const look = (): void => {
          if (!signal?.aborted && !condition()) return
          readers.delete(look)
          signal?.removeEventListener('abort', look)
          resolve()
        }
        readers.add(look)
        signal?.addEventListener('abort', look, { once: true })
        look()
      })
    },
  }
}
