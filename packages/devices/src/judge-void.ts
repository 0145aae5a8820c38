import { knew, type Past, type Placed, removedBy } from './placed.ts'
import { type Kits, kitsOf } from './kits-of.ts'
import type { Placement } from './placement.ts'

/** Why an operation is void though it is sound: by which kind of removal, or because something before it is void. */
export type Cause = 'concurrent_with_removal' | 'after_a_void_one' | 'not_a_member' | 'not_the_kit'

/** The verdicts over a set of operations. */
export interface Verdicts {
  /** True for an operation of the set that has an effect. */
  stands(each: Placed): boolean
  readonly causes: ReadonlyMap<Placed, Cause>
  readonly kits: Kits
}

/**
 * Finds what is void in a set of operations (protocol rule 7): in all, or in those that a past has. Removals are looked at
 * in the order of their authors' authority, the highest first. One that stands strikes the operations of who it removes
 * that its author did not know and that did not know of it, unless their author ranks higher; what follows a struck
 * operation is struck as well, unless its author ranks higher than who removed. So nothing that a lower one does decides
 * about a higher one, and each verdict rests on finished ones.
 *
 * The work is a constant for each removal and each device, and once for each struck operation and what names it.
 */
export function judgeVoid(placement: Placement, past?: Past): Verdicts {
  const isIn = (each: Placed): boolean => past === undefined || knew(past, each)
  const byDevices = striking(placement, isIn)
  for (const by of placement.strikes) {
    if (by.one.operation.op === 'remove') byDevices.strikeBy(by, removedBy(by.one))
  }
  const { kits, replacing } = kitsOf(
    placement.strikes.filter((each) => isIn(each) && !byDevices.causes.has(each)),
  )
  const signed = placement.signed.filter(isIn)
  const { causes } = signed.length === 0 ? byDevices : withKits(placement, { isIn, signed, kits, replacing })
  return { causes, kits, stands: (each) => each.unsound === undefined && isIn(each) && !causes.has(each) }
}

interface KitRules extends ReturnType<typeof kitsOf> {
  readonly isIn: (each: Placed) => boolean
  readonly signed: readonly Placed[]
}

/** The verdicts once it is known which recovery members there were. */
function withKits(placement: Placement, { isIn, signed, kits, replacing }: KitRules): Striking {
  const ids = new Set([...kits.kit, ...kits.guardians].map(({ id }) => id))
  const all = striking(placement, isIn)
  all.strikeOthers(
    signed.filter(({ one: { operation } }) => operation.op === 'signed' && !ids.has(operation.by)),
  )
  for (const by of placement.strikes) {
    const replaced = replacing.get(by)
    all.strikeBy(by, replaced === undefined ? removedBy(by.one) : [...removedBy(by.one), replaced])
  }
  return all
}

interface Striking {
  readonly causes: ReadonlyMap<Placed, Cause>
  /** Lets a removal, if it stands, strike what these actors did beside it. */
  strikeBy(by: Placed, targets: readonly string[]): void
  /** Strikes what is of no recovery member that there was. */
  strikeOthers(those: readonly Placed[]): void
}

function striking(placement: Placement, isIn: (each: Placed) => boolean): Striking {
  const { followers, byActor, enrolledBy } = placement
  const causes = new Map<Placed, Cause>()

  function spread(hits: readonly Placed[], cause: Cause, rank: number): void {
    const struck = new Set<Placed>()
    const waiting: Placed[] = []
    const strike = (each: Placed): void => {
      if (!isIn(each) || causes.has(each)) return
      causes.set(each, cause)
      struck.add(each)
      waiting.push(each)
    }
    for (const each of hits) strike(each)
    const direct = struck.size
    for (let each = waiting.pop(); each; each = waiting.pop()) {
      for (const next of followers.get(each) ?? []) if (next.rank >= rank) strike(next)
      for (const id of enrolledIn(each)) for (const lost of byActor.get(id) ?? []) strike(lost)
    }
    for (const each of [...struck].slice(direct)) {
      const follows = each.rank >= rank && each.prev.some((prev) => struck.has(prev))
      causes.set(each, follows ? 'after_a_void_one' : 'not_a_member')
    }
  }

  function enrolledIn(each: Placed): readonly string[] {
    const { operation } = each.one
    if (operation.op !== 'add' && operation.op !== 'signed') return []
    const added =
      operation.op === 'add' ? [operation.device.id] : operation.acts.add.map(({ device }) => device.id)
    return added.filter((id) => enrolledBy.get(id) === each)
  }

  return {
    causes,
    strikeBy(by, targets) {
      if (!isIn(by) || causes.has(by)) return
      const hits = targets.flatMap((target) => besides(byActor.get(target) ?? [], by))
      if (hits.length > 0) spread(hits, 'concurrent_with_removal', by.rank)
    },
    strikeOthers: (those) => spread(those, 'not_the_kit', -Infinity),
  }
}

/** Of what one actor did, what is concurrent with a removal whose author does not rank lower. */
function besides(acts: readonly Placed[], by: Placed): readonly Placed[] {
  const hits: Placed[] = []
  for (let at = acts.length - 1; at >= 0; at--) {
    const each = acts[at]
    if (!each || each.rank < by.rank) break
    // Of a device the ones before are known too: its log is read in order.
    if (knew(by.past, each) && each.one.operation.op !== 'signed') break
    if (each !== by && !knew(by.past, each) && !knew(each.past, by)) hits.push(each)
  }
  return hits
}
