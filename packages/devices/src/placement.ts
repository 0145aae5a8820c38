import type { DeviceId } from '@muniment/interface'
import type { RecoveryPublicKeys } from './kit-acts.ts'
import { actorOf, addedBy, type Placed, removedBy } from './placed.ts'

/** The placed operations in the order of the walk, with what judging them looks up. Only sound ones are looked up. */
export interface Placement {
  readonly placed: readonly Placed[]
  /** For each device that was enrolled, by which operation; in order of authority. */
  readonly enrolledBy: ReadonlyMap<DeviceId, Placed>
  /** For each operation, those that name it as the one before them. */
  readonly followers: ReadonlyMap<Placed, readonly Placed[]>
  /** For each device and recovery member, what it did. */
  readonly byActor: ReadonlyMap<string, readonly Placed[]>
  /** Those that remove somebody or name a recovery member, in order of authority. */
  readonly strikes: readonly Placed[]
  /** Those of recovery members. */
  readonly signed: readonly Placed[]
}

/** A placement that grows by one operation at a time. */
export interface GrowingPlacement extends Placement {
  put(each: Placed): void
}

/** An empty placement. */
export function newPlacement(): GrowingPlacement {
  const placed: Placed[] = []
  const enrolledBy = new Map<DeviceId, Placed>()
  const followers = new Map<Placed, Placed[]>()
  const byActor = new Map<string, Placed[]>()
  const strikes: Placed[] = []
  const signed: Placed[] = []
  return {
    placed,
    enrolledBy,
    followers,
    byActor,
    strikes,
    signed,
    put(each) {
      placed.push(each)
      if (each.unsound !== undefined) return
      for (const id of addedBy(each.one)) if (!enrolledBy.has(id)) enrolledBy.set(id, each)
      for (const prev of each.prev) listed(followers, prev).push(each)
      listed(byActor, actorOf(each.one)).push(each)
      if (each.one.operation.op === 'signed') signed.push(each)
      if (removedBy(each.one).length === 0 && !namedIn(each)) return
      const above = strikes.findLastIndex(({ rank }) => rank <= each.rank)
      strikes.splice(above + 1, 0, each)
    },
  }
}

/** The recovery member that an operation names. */
export function namedIn({ one: { operation } }: Pick<Placed, 'one'>): RecoveryPublicKeys | undefined {
  if (operation.op === 'kit') return operation.kit
  return operation.op === 'signed' ? operation.acts.kit : undefined
}

function listed<K>(map: Map<K, Placed[]>, key: K): Placed[] {
  const list = map.get(key) ?? []
  if (list.length === 0) map.set(key, list)
  return list
}
