import { PAIRING_PROTOCOL, type RosterDevice } from '@muniment/devices'
import { type DeviceId, type Milliseconds, MunimentError } from '@muniment/interface'
import { SYNC_PROTOCOL, type SyncProgress } from '@muniment/sync'
import { refilled } from './mending/refilled.ts'
import { createNetwork, type Network } from '../network/index.ts'
import { nodeClock, nodeCryptography, nodeRandom } from '../platform/index.ts'
import { announceAddresses, rememberAddresses } from './addresses.ts'
import { type Dialling, keepDialling } from './keep-dialling.ts'
import { type NewsBoard, newsBoard } from './news-board.ts'
import type { PersonParts } from './open-parts.ts'
import { type InviteOptions, pairingDesk } from './pairing-desk.ts'
import { type SyncSession, type SyncSessions, syncSessions } from './sync-sessions.ts'

/** Milliseconds in which another device must be reached before this one counts as offline and may write. */
const HEAD_PATIENCE = 3_000
/** Milliseconds that a person who asks for a sync waits for another device to be reached. */
const SYNC_PATIENCE = 15_000

/** How a device of the vault stands, seen from here. */
export interface PeerStatus {
  readonly id: DeviceId
  readonly name: string
  readonly isThisDevice: boolean
  readonly online: boolean
  /** Since when it has been online or offline. */
  readonly since: Milliseconds
  /** True when it says that this device was removed from the vault, and serves it no more. */
  readonly saysRemoved: boolean
}

interface CatchUpOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: SyncProgress) => void) | undefined
}

/** This device's connections to the others of its vault. */
export interface DeviceSync {
  addresses(): readonly string[]
  peers(): readonly PeerStatus[]
  /** Resolves once another device has compared heads with this one, or none could be reached. */
  greeted(): Promise<void>
  /**
   * Resolves once every reachable device's entries are here. Throws `ERR_UNREACHABLE` when none is reachable and
   * `ERR_ABORTED`.
   */
  caughtUp(options: CatchUpOptions): Promise<void>
  /** Invites one device and waits until it has joined. */
  invite(options: InviteOptions): Promise<RosterDevice>
  stop(): Promise<void>
}

interface SyncParts {
  readonly parts: PersonParts
  readonly network: Network
  readonly news: NewsBoard
  readonly sessions: SyncSessions
  readonly dialling: Dialling
}

/** Starts the network of a device and keeps it connected to the other devices of the roster. */
export async function startDeviceSync(parts: PersonParts, listen: readonly string[]): Promise<DeviceSync> {
  const { roster } = parts
  const network = await createNetwork({ transportKey: parts.transportKey, listen, clock: nodeClock })
  const stop = new AbortController()
  const stopping = stop.signal
  const news = newsBoard()
  const sessions = syncSessions(parts, { news, stopping })
  const dialling = keepDialling({ parts, network, sessions, news, stopping })
  const pairing = pairingDesk(
    { ...parts, cryptography: nodeCryptography, random: nodeRandom, clock: nodeClock },
    { addresses: () => network.addresses(), stopping },
  )
  await network.serve(SYNC_PROTOCOL, (channel) => sessions.talk(channel), {
    // Who was removed is let in as far as to be told so.
    allow: (peer) => roster.byTransport(peer) !== undefined || roster.wasRemoved(peer),
  })
  await network.serve(PAIRING_PROTOCOL, pairing.accept)
  const stopFollowing = roster.onChange(() => {
    dialling.start()
    news.post()
  })
  dialling.start()
  const all: SyncParts = { parts, network, news, sessions, dialling }
  return {
    addresses: () => network.addresses(),
    peers: () => peersOf(all),
    greeted: () => greeted(all),
    caughtUp: (options) => caughtUp(all, options),
    invite: (options) => pairing.invite(options),
    async stop() {
      stopFollowing()
      stop.abort()
      await network.stop()
      await sessions.ended()
      await dialling.ended()
    },
  }
}

function othersOf({ roster, keys }: PersonParts): readonly RosterDevice[] {
  return roster.devices().filter(({ id }) => id !== keys.id)
}

function peersOf({ parts, sessions }: SyncParts): readonly PeerStatus[] {
  return parts.roster.devices().map(({ id, name }) => {
    const isThisDevice = id === parts.keys.id
    const online = isThisDevice || sessions.with(id) !== undefined
    return {
      id,
      name,
      isThisDevice,
      online,
      since: sessions.since(id),
      saysRemoved: sessions.saysRemoved(id),
    }
  })
}

async function greeted({ parts, network, news, sessions, dialling }: SyncParts): Promise<void> {
  const patience = AbortSignal.timeout(HEAD_PATIENCE)
  const isSettled = (): boolean =>
    sessions.all().some(({ progress }) => progress !== undefined) ||
    othersOf(parts).every(({ id }) => dialling.wasTried(id) && !sessions.with(id))
  await news.until(isSettled, patience)
  if (sessions.all().length === 0) parts.log.knownOffline()
  if (mayWrite(parts)) await announceAddresses(parts, network.addresses())
}

/** False while the disk may have lost what this device had written, or the keys to write with. */
function mayWrite({ log, keyring, keys, isKeyringLost }: PersonParts): boolean {
  const isLogWhole = (log.holes().get(keys.id) ?? []).every(({ isGivenUp }) => isGivenUp === true)
  const hasKeys = !isKeyringLost || keyring.bytes() !== undefined
  return isLogWhole && hasKeys && !log.isHeadDoubted && !log.isRolledBack
}

async function caughtUp(
  { parts, news, sessions, dialling }: SyncParts,
  { signal, onProgress }: CatchUpOptions,
): Promise<void> {
  const isOver = (): boolean => {
    const open = sessions.all()
    const sum = total(open)
    if (sum) onProgress?.(sum)
    return (
      open.length > 0 &&
      open.every(({ progress }) => progress !== undefined && progress.received >= progress.expected) &&
      othersOf(parts).every(({ id }) => sessions.with(id) || dialling.wasTried(id))
    )
  }
  const patience = AbortSignal.timeout(SYNC_PATIENCE)
  dialling.hurry()
  await news.until(
    () => isOver() || sessions.all().length > 0,
    signal ? AbortSignal.any([signal, patience]) : patience,
  )
  if (sessions.all().length > 0) await news.until(isOver, signal)
  if (signal?.aborted) throw new MunimentError('ERR_ABORTED', 'the sync was given up')
  if (sessions.all().length === 0) {
    throw new MunimentError('ERR_UNREACHABLE', 'no other device of this vault could be reached')
  }
  await refilled(parts, signal)
  await parts.vault.settled()
  for (const { device } of sessions.all()) await rememberAddresses(parts, device)
}

function total(sessions: readonly SyncSession[]): SyncProgress | undefined {
  const known = sessions.map(({ progress }) => progress).filter((progress) => progress !== undefined)
  if (known.length === 0) return undefined
  return {
    received: known.reduce((sum, { received }) => sum + received, 0),
    expected: known.reduce((sum, { expected }) => sum + expected, 0),
  }
}
