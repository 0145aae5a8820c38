import type { DeviceId } from '@muniment/interface'
import type { Verdicts } from './judge-void.ts'
import { type Placed, removedBy } from './placed.ts'
import type { Placement } from './placement.ts'

/** Who is in the vault by a set of operations, and who went out. */
export interface Membership {
  readonly members: ReadonlySet<DeviceId>
  /** For each device that was removed, the removal that counts: the one of the highest authority. */
  readonly removals: ReadonlyMap<DeviceId, Placed>
  /** Removals by devices that would have left no device, and so have no effect. */
  readonly withheld: ReadonlySet<Placed>
}

/** Enrolled by an operation that stands, and not removed by one. A device never removes the last one. */
export function membershipOf(
  { stands }: Pick<Verdicts, 'stands'>,
  { enrolledBy, strikes }: Pick<Placement, 'enrolledBy' | 'strikes'>,
): Membership {
  const members = new Set<DeviceId>()
  for (const [id, by] of enrolledBy) if (stands(by)) members.add(id)
  const removals = new Map<DeviceId, Placed>()
  const withheld = new Set<Placed>()
  for (const each of strikes.filter(stands)) {
    for (const id of removedBy(each.one)) {
      if (!members.has(id)) continue
      if (members.size === 1 && each.one.operation.op === 'remove') withheld.add(each)
      else {
        members.delete(id)
        removals.set(id, each)
      }
    }
  }
  return { members, removals, withheld }
}
