import { base64url, toCanonical } from '@muniment/crypto'
import type { Property, Slot } from './slot.ts'

/** All slots of one property of one record: one per device that wrote it. */
export type Register = ReadonlyMap<number, Slot>

/** All registers of one record. */
export type Registers = ReadonlyMap<Property, Register>

/**
 * The writes that no other device's write has replaced, by client id. More than one means that they were written without
 * sight of each other. A write names another by a hash that only its sight gives, so nobody can replace what is not yet
 * written, and the outcome does not depend on the order in which writes arrived.
 */
export function presentSlots(register: Register | undefined): readonly Slot[] {
  if (!register) return []
  const replaced = new Set<string>()
  for (const slot of register.values()) for (const id of slot.seen) replaced.add(id)
  return [...register.values()].filter((slot) => !replaced.has(slot.id)).sort((a, b) => a.client - b.client)
}

/** One of each distinct value among the present writes, the one to show first: the latest written, then by client id. */
export function distinctValues(slots: readonly Slot[]): readonly Slot[] {
  const byValue = new Map<string, Slot>()
  for (const slot of [...slots].sort((a, b) => b.at - a.at || b.client - a.client)) {
    const value = slot.value === undefined ? '' : base64url(toCanonical(slot.value))
    if (!byValue.has(value)) byValue.set(value, slot)
  }
  return [...byValue.values()]
}

/** True when the present writes differ: only a person's decision closes it. */
export function isInConflict(register: Register | undefined): boolean {
  return distinctValues(presentSlots(register)).length > 1
}

/**
 * What a new write of `client` names as replaced. `settle` replaces everything in sight. An ordinary edit does too, unless
 * the register is in conflict: then it takes its own device's side only, and the other sides stay to be settled.
 */
export function seenBy(
  register: Register | undefined,
  client: number,
  isSettling: boolean,
): readonly string[] {
  if (!register) return []
  const kept = !isSettling && isInConflict(register) ? new Set(presentSlots(register)) : undefined
  return [...register.values()]
    .filter((slot) => slot.client !== client && !kept?.has(slot))
    .map(({ id }) => id)
}

/** What became of a record by the registers of its properties. */
export interface Removal {
  readonly isRemoved: boolean
  /** Writes that the removal had not seen, when there are any: they keep the record in sight until a person decides. */
  readonly unseen: readonly Slot[]
  /** The removals in force. */
  readonly removals: readonly Slot[]
}

/** Whether the record is removed, and which edits the removal had not seen. */
export function removalOf(registers: Registers): Removal {
  const removals = presentSlots(registers.get('@removed')).filter((slot) => slot.value === true)
  if (removals.length === 0) return { isRemoved: false, unseen: [], removals }
  const seen = new Set(removals.flatMap((slot) => slot.seen))
  const unseen: Slot[] = []
  for (const [property, register] of registers) {
    if (property === '@removed') continue
    for (const slot of presentSlots(register)) if (!seen.has(slot.id)) unseen.push(slot)
  }
  const stays = presentSlots(registers.get('@removed')).filter((slot) => slot.value !== true)
  return { isRemoved: unseen.length === 0 && stays.length === 0, unseen: [...unseen, ...stays], removals }
}

/** What a removal names as replaced: every write about the record that is in sight, its own device's included. */
export function seenByRemoval(registers: Registers, client: number): readonly string[] {
  const ids: string[] = []
  for (const [property, register] of registers) {
    for (const slot of register.values()) {
      if (property !== '@removed' || slot.client !== client) ids.push(slot.id)
    }
  }
  return ids
}
