import type { Channel } from '@muniment/interface'
import { syncWith } from '@muniment/sync'
import { memoryChannelPair } from 'muniment/network'
import type { HouseholdDevice } from './household.ts'

/** The lines between devices: at most one for each two, as over a network, and any may be cut at any message. */
export interface Lines {
  /** Connects two devices. With `messages`, the line breaks after so many, half of what they say unheard. */
  connect(left: HouseholdDevice, right: HouseholdDevice, options?: { readonly messages?: number }): void
  /** Cuts all lines of a device, or all lines, and waits until both ends know. */
  cut(device?: HouseholdDevice): Promise<void>
}

interface Line {
  readonly ends: readonly [HouseholdDevice, HouseholdDevice]
  readonly over: Promise<unknown>
  cut(): void
}

/** No lines yet. */
export function noLines(): Lines {
  const open = new Set<Line>()
  return {
    connect(left, right, { messages = Infinity } = {}) {
      const [atLeft, atRight] = memoryChannelPair({ peers: [left.peer, right.peer] })
      const cut = (): void => atLeft.abort(new Error('the line was cut'))
      const counted = breaking(atLeft, messages, cut)
      const both = [syncWith(counted, left.sync), syncWith(atRight, right.sync)]
      const line = { ends: [left, right] as const, over: Promise.allSettled(both), cut }
      open.add(line)
      void line.over.then(() => open.delete(line))
    },
    async cut(device) {
      const cut = [...open].filter(({ ends }) => !device || ends.includes(device))
      for (const line of cut) line.cut()
      await Promise.all(cut.map(({ over }) => over))
    },
  }
}

/** A channel that breaks after so many messages of either side. */
function breaking(channel: Channel, messages: number, cut: () => void): Channel {
  let left = messages
  const count = (): void => {
    if (--left < 0) cut()
  }
  return {
    local: channel.local,
    remote: channel.remote,
    send(message) {
      count()
      return channel.send(message)
    },
    async receive(options) {
      const message = await channel.receive(options)
      count()
      return message
    },
    close: () => channel.close(),
    abort: (reason) => channel.abort(reason),
  }
}
