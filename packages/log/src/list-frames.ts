import type { DeviceId, Store, VersionVector } from '@muniment/interface'
import { readableUpTo } from './holes.ts'
import type { LogFrame } from './log.ts'
import type { LogState } from './log-state.ts'
import { type FrameRow, type PlacedFrameRow, readFrames } from './rows.ts'

interface Cursor {
  readonly device: DeviceId
  readonly rows: AsyncGenerator<PlacedFrameRow>
  next: PlacedFrameRow
}

/**
 * The frames after a version vector, merged so that each comes after all that its writer had seen. Where clocks contradict
 * each other (a device that lies about what it saw), the rest comes in order of devices: nothing is held back. A log that
 * the disk made holes in ends before the first one that is met: whoever receives it can take no more.
 */
export async function* listFrames(
  store: Store,
  state: LogState,
  after: VersionVector,
  isLeftOut: (device: DeviceId) => boolean,
): AsyncGenerator<LogFrame> {
  const reached: Record<DeviceId, number> = { ...after }
  const cursors: Cursor[] = []
  for (const [device, { seq }] of state.heads) {
    const from = (after[device] ?? 0) + 1
    const to = readableUpTo(state.holes.get(device), from, seq)
    if (from > to || isLeftOut(device)) continue
    const rows = readFrames(store, device, { from, to, newest: state.newest.get(device) })
    const start = await rows.next()
    if (!start.done) cursors.push({ device, rows, next: start.value })
  }
  cursors.sort((left, right) => (left.device < right.device ? -1 : 1))
  const withheld = new Set(cursors.map(({ device }) => device))
  while (cursors.length > 0) {
    const cursor = cursors.find(({ next }) => isReady(next, reached, withheld)) ?? cursors[0]
    if (!cursor) return
    const { device, next } = cursor
    yield { device, first: next.first, last: next.last, bundle: next.bundle }
    reached[device] = next.last
    const following = await cursor.rows.next()
    if (following.done) {
      cursors.splice(cursors.indexOf(cursor), 1)
      withheld.delete(device)
    } else cursor.next = following.value
  }
}

/** True when nothing that the frame's writer had seen is still to come in this listing. */
function isReady(row: FrameRow, reached: VersionVector, withheld: ReadonlySet<DeviceId>): boolean {
  return Object.entries(row.after).every(
    ([device, seen]) => !withheld.has(device) || (reached[device] ?? 0) >= seen,
  )
}
