import type { DeviceId, VersionVector } from '@muniment/interface'
import { heldRanges } from './holes.ts'
import type { Log, LogComponents, LogInit, Members, Quarantined } from './log.ts'
import { EMPTY_HEAD, type LogState } from './log-state.ts'
import { readRanges } from './read-entries.ts'
import type { Head } from './rows.ts'

/** Reading a log: what of it counts, and what is only held. */
export function delivery(
  components: LogComponents,
  { vault, state }: Pick<LogInit, 'vault'> & { readonly state: LogState },
): Pick<Log, 'seen' | 'entries' | 'quarantined' | 'onCut'> {
  const { members } = components
  const reading = { ...components, vault }
  return {
    seen: () => seenOf(state, members),
    entries(of, { from = 1, to = Infinity, beyondCut = false } = {}) {
      const cut = beyondCut ? undefined : members.cutOf?.(of)
      const delivered = deliveredUpTo(state.heads.get(of) ?? EMPTY_HEAD, cut)
      const ranges = heldRanges(state.holes.get(of), Math.max(1, from), Math.min(to, delivered))
      return readRanges(reading, of, { ranges, newest: state.newest.get(of) })
    },
    quarantined: () => beyondCuts(state, members),
    onCut: cutNews(members, state),
  }
}

/** How far a head is delivered, where a removal cut it and where it did not. */
function deliveredUpTo(head: Head, cut?: { readonly seq: number }): number {
  const fork = head.forkedAt === undefined ? Infinity : head.forkedAt - 1
  return Math.min(head.seq, fork, cut?.seq ?? Infinity)
}

/** How far each device's log is delivered. */
export function seenOf(state: LogState, members: Members): VersionVector {
  const seen: Record<DeviceId, number> = {}
  for (const [device, head] of state.heads) {
    const delivered = deliveredUpTo(head, members.cutOf?.(device))
    if (delivered > 0) seen[device] = delivered
  }
  return seen
}

/** What is held beyond the cuts of removed devices. */
function beyondCuts(state: LogState, members: Members): readonly Quarantined[] {
  return [...state.heads].flatMap(([device, { seq: last }]) => {
    const cut = members.cutOf?.(device)
    return cut && last > cut.seq ? [{ device, first: cut.seq + 1, last }] : []
  })
}

/** Tells when a removal, or the end of one, changed how far a log that is held here is delivered. */
function cutNews(members: Members, state: LogState): Log['onCut'] {
  const listeners = new Set<() => void>()
  const cuts = (): string => JSON.stringify([...state.heads.keys()].map((of) => members.cutOf?.(of)?.seq))
  let before = cuts()
  members.onChange?.(() => {
    const now = cuts()
    if (now === before) return
    before = now
    for (const listener of listeners) listener()
  })
  return (listener) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
}
