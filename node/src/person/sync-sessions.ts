import {
  type Channel,
  type DeviceId,
  isMunimentError,
  type Milliseconds,
  MunimentError,
} from '@muniment/interface'
import { type SyncComponents, type SyncProgress, syncWith } from '@muniment/sync'
import { nodeClock, nodeCryptography, nodeRandom } from '../platform/index.ts'
import type { NewsBoard } from './news-board.ts'

/** One connection to another device, over which both replicate. */
export interface SyncSession {
  readonly device: DeviceId
  readonly ended: Promise<void>
  /** How far it is; nothing before both have greeted. */
  progress: SyncProgress | undefined
}

/**
 * The connections to the other devices. When two devices dial each other at the same time there are two for a while,
 * and either may be the one that stays.
 */
export interface SyncSessions {
  /**
   * Replicates over a channel until it ends. Throws `ERR_NOT_A_MEMBER` and what {@link syncWith} throws.
   *
   * @param onGreeted - told once the device has proved what it is
   */
  readonly talk: (channel: Channel, onGreeted?: () => void) => Promise<void>
  /** The connection to that device that is furthest, when there is one. */
  with(device: DeviceId): SyncSession | undefined
  /** For each device that is connected, the connection that is furthest. */
  all(): readonly SyncSession[]
  /** True once that device said that this one was removed from the vault. */
  saysRemoved(device: DeviceId): boolean
  /** Since when a device has been online or offline. */
  since(device: DeviceId): Milliseconds
  /** Resolves once every connection has ended. */
  ended(): Promise<void>
}

/** What the connections replicate, and for whom. */
export type SyncSessionParts = Omit<SyncComponents, 'cryptography' | 'random' | 'clock'>

/** Starts with none. */
export function syncSessions(
  parts: SyncSessionParts,
  { news, stopping }: { readonly news: NewsBoard; readonly stopping: AbortSignal },
): SyncSessions {
  const components = { ...parts, cryptography: nodeCryptography, random: nodeRandom, clock: nodeClock }
  const open = new Set<SyncSession>()
  const since = new Map<DeviceId, Milliseconds>()
  const toldRemoved = new Set<DeviceId>()
  const started = nodeClock.now()

  const furthest = (device: DeviceId): SyncSession | undefined =>
    [...open].filter((session) => session.device === device).sort(byProgress)[0]

  function begin(session: SyncSession): void {
    if (!furthest(session.device)) since.set(session.device, nodeClock.now())
    open.add(session)
    news.post()
  }

  function end(session: SyncSession): void {
    open.delete(session)
    if (!furthest(session.device)) since.set(session.device, nodeClock.now())
    news.post()
  }

  return {
    async talk(channel, onGreeted) {
      const device = parts.roster.byTransport(channel.remote)
      if (!device) {
        await syncWith(channel, components, { signal: stopping })
        throw new MunimentError('ERR_NOT_A_MEMBER', 'this peer is no device of the vault')
      }
      const ended = syncWith(channel, components, {
        signal: stopping,
        onGreeted() {
          onGreeted?.()
          news.post()
        },
        onProgress(progress) {
          session.progress = progress
          news.post()
        },
      })
      const session: SyncSession = { device: device.id, ended, progress: undefined }
      begin(session)
      try {
        await ended
      } catch (error) {
        if (isMunimentError(error, 'ERR_REMOVED')) toldRemoved.add(device.id)
        throw error
      } finally {
        end(session)
      }
    },
    with: furthest,
    all: () =>
      [...new Set([...open].map(({ device }) => device))].flatMap((device) => furthest(device) ?? []),
    saysRemoved: (device) => toldRemoved.has(device),
    since: (device) => since.get(device) ?? started,
    ended: async () => void (await Promise.allSettled([...open].map((session) => session.ended))),
  }
}

function byProgress({ progress: left }: SyncSession, { progress: right }: SyncSession): number {
  return lacking(left) - lacking(right)
}

function lacking(progress: SyncProgress | undefined): number {
  return progress ? progress.expected - progress.received : Number.MAX_SAFE_INTEGER
}
