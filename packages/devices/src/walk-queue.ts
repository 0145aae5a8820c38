import type { DeviceId } from '@muniment/interface'
import type { ReceivedOperation } from './placed.ts'

/** What comes next in the walk. */
export interface WalkQueue {
  /** Of the operations for which everything needed has been done, the one of the highest authority. */
  next(): ReceivedOperation | undefined
  /** Lets come what waited for this one. */
  done(one: ReceivedOperation): void
}

/** A queue of these operations, which begins with the vault's first. Those that wait for what has not arrived are left out. */
export function walkQueue(
  received: readonly ReceivedOperation[],
  genesis: ReceivedOperation,
  rankNow: (one: ReceivedOperation) => number,
): WalkQueue {
  const waiting = waitingOnes(withWholePast(received), (one, own) =>
    one === genesis ? [] : own === undefined ? one.operation.prev : [...one.operation.prev, own],
  )
  const ready = new Set(waiting.first)
  const comesBefore = (left: ReceivedOperation, right: ReceivedOperation): boolean => {
    if (left === genesis || right === genesis) return left === genesis
    const [one, other] = [rankNow(left), rankNow(right)]
    if (one !== other) return one < other
    return left.author === right.author && left.seq !== right.seq ? left.seq < right.seq : left.id < right.id
  }
  return {
    next() {
      let best: ReceivedOperation | undefined
      for (const one of ready) if (!best || comesBefore(one, best)) best = one
      if (best) ready.delete(best)
      return best
    },
    done(one) {
      for (const next of waiting.after(one)) ready.add(next)
    },
  }
}

/** The operations of which all that lies before them has arrived. */
function withWholePast(received: readonly ReceivedOperation[]): readonly ReceivedOperation[] {
  const readable = received.filter(({ operation }) => operation.op !== 'unreadable')
  const waiting = waitingOnes(readable, ({ operation }) => operation.prev)
  const whole = [...waiting.first]
  // The list grows while it is gone through.
  for (const one of whole) whole.push(...waiting.after(one))
  return whole
}

interface Waiting {
  /** Those that wait for nothing. */
  readonly first: readonly ReceivedOperation[]
  /** Those that waited for this one last. */
  after(one: ReceivedOperation): readonly ReceivedOperation[]
}

function waitingOnes(
  received: readonly ReceivedOperation[],
  needsOf: (one: ReceivedOperation, own: string | undefined) => readonly string[],
): Waiting {
  const missing = new Map<ReceivedOperation, number>()
  const after = new Map<string, ReceivedOperation[]>()
  const latest = new Map<DeviceId, string>()
  const first: ReceivedOperation[] = []
  for (const one of received.toSorted((a, b) => a.seq - b.seq)) {
    const needs = new Set(needsOf(one, latest.get(one.author)))
    latest.set(one.author, one.id)
    missing.set(one, needs.size)
    if (needs.size === 0) first.push(one)
    for (const id of needs) {
      const those = after.get(id)
      if (those) those.push(one)
      else after.set(id, [one])
    }
  }
  return {
    first,
    after: ({ id }) =>
      (after.get(id) ?? []).filter((one) => {
        const left = (missing.get(one) ?? 0) - 1
        missing.set(one, left)
        return left === 0
      }),
  }
}
