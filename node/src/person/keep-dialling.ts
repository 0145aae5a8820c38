import { type Channel, type DeviceId, isMunimentError } from '@muniment/interface'
import { SYNC_PROTOCOL } from '@muniment/sync'
import type { Network } from '../network/index.ts'
import { nodeClock } from '../platform/index.ts'
import { addressesOf } from './addresses.ts'
import type { NewsBoard } from './news-board.ts'
import type { PersonParts } from './open-parts.ts'
import type { SyncSessions } from './sync-sessions.ts'

/** Milliseconds before the first new dial of a device that could not be reached; doubled each time. */
const FIRST_PAUSE = 250
/** The longest pause between dials. */
const LONGEST_PAUSE = 60_000

/** What dialling needs. */
export interface DiallingComponents {
  readonly parts: PersonParts
  readonly network: Network
  readonly sessions: SyncSessions
  readonly news: NewsBoard
  readonly stopping: AbortSignal
}

/** The dialling of the other devices, again and again, for as long as they are of the vault. */
export interface Dialling {
  /** Begins with every device of the roster that is not dialled yet. */
  start(): void
  /** Dials at once whoever waits for the next try. */
  hurry(): void
  /** True once the device was dialled, reached or not. */
  wasTried(device: DeviceId): boolean
  /** Resolves once all dialling has stopped, after the signal. */
  ended(): Promise<void>
}

/** Prepares the dialling of the vault's other devices. */
export function keepDialling(components: DiallingComponents): Dialling {
  const { parts, sessions, news, stopping } = components
  const dialled = new Map<DeviceId, Promise<void>>()
  const tried = new Set<DeviceId>()
  let hurry = new AbortController()

  async function keepTrying(device: DeviceId): Promise<void> {
    let pause = FIRST_PAUSE
    while (!stopping.aborted && parts.roster.isMember(device)) {
      const current = sessions.with(device)
      const wasReached = current
        ? await current.ended.then(yes, yes)
        : await reach(components, device, () => tried.add(device))
      if (wasReached) pause = FIRST_PAUSE
      tried.add(device)
      news.post()
      const wakened = AbortSignal.any([stopping, hurry.signal])
      await nodeClock.wait(pause, { signal: wakened }).catch(() => undefined)
      pause = Math.min(pause * 2, LONGEST_PAUSE)
    }
    dialled.delete(device)
  }

  return {
    start() {
      for (const { id } of parts.roster.devices()) {
        if (id !== parts.keys.id && !dialled.has(id)) dialled.set(id, keepTrying(id))
      }
    },
    hurry() {
      hurry.abort()
      hurry = new AbortController()
    },
    wasTried: (device) => tried.has(device),
    ended: async () => void (await Promise.allSettled(dialled.values())),
  }
}

const yes = (): boolean => true

/** Dials a device where it may be, and talks to it until the connection ends; false when it never greeted. */
async function reach(
  { parts, network, sessions, stopping }: DiallingComponents,
  device: DeviceId,
  onAnswer: () => void,
): Promise<boolean> {
  try {
    for (const address of await addressesOf(parts, device)) {
      const channel = await dialOne(network, address, stopping)
      if (stopping.aborted) return false
      if (!channel) continue
      // Both may have dialled at once. If each gave its own connection up for the other's, none would be left, and
      // the next try would meet in the same way: so the connection of the device with the lower id stays.
      if (sessions.with(device) && device < parts.keys.id) {
        await channel.close()
        return true
      }
      onAnswer()
      if (await talk(sessions, channel)) return true
    }
  } catch (error) {
    // A store that is closed or full, and a line that breaks: the next try may go better.
    if (!isMunimentError(error)) throw error
  }
  return false
}

async function dialOne(network: Network, address: string, signal: AbortSignal): Promise<Channel | undefined> {
  try {
    return await network.dial(address, SYNC_PROTOCOL, { signal })
  } catch (error) {
    if (isMunimentError(error)) return undefined
    throw error
  }
}

/** True when the device greeted: then it was reached, however the connection ended. */
async function talk(sessions: SyncSessions, channel: Channel): Promise<boolean> {
  let wasGreeted = false
  try {
    await sessions.talk(channel, () => {
      wasGreeted = true
    })
  } catch (error) {
    if (!isMunimentError(error)) throw error
  }
  return wasGreeted
}
