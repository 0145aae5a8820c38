import type { DeviceId } from '@muniment/interface'
import type { ReplicaOptions } from './components.ts'
import { FORGET_ROUND } from './constants.ts'
import type { ReplicaContext } from './context.ts'
import { isSpanHeld } from './held-here.ts'
import { openState, refuseRolledBack } from './open-state.ts'
import type { PackEntry } from './pack-entry.ts'
import { type PushReport, pushState } from './push.ts'
import type { ReplicaState } from './replica-state.ts'
import { removeDoomed } from './write-head.ts'

/** Entries of the logs of devices, by their numbers. */
export type ForgottenEntries = Readonly<Record<DeviceId, readonly number[]>>

/**
 * Writes the packs that hold these entries again, as the log has them now, and removes the old ones at once, with the
 * keyrings that are no longer in force. The log must have dropped the payloads before. A pack with anything in it that
 * this device's log does not hold is left alone: nothing is forgotten that nobody could write again.
 *
 * Throws `ERR_REPLICA_REFUSED` for a storage that lets nothing be removed.
 */
export async function forget(
  context: ReplicaContext,
  entries: ForgottenEntries,
  options: ReplicaOptions,
): Promise<PushReport> {
  const total = { packs: 0, bytes: 0, frames: 0, removed: 0 }
  let anchor: Uint8Array | undefined
  let state = await openState(context, options)
  refuseRolledBack(state)
  const affected = affectedPacks(state, entries)
  for (let at = 0; at === 0 || at < affected.length; at += FORGET_ROUND) {
    if (at > 0) state = await openState(context, options)
    const lost = affected.slice(at, at + FORGET_ROUND).filter((name) => state.packs.has(name))
    const report = await pushState(context, state, { options, lost })
    total.packs += report.packs
    total.bytes += report.bytes
    total.frames += report.frames
    total.removed += report.removed + (await removeDoomed(context, state, { ...options, isRequired: true }))
    anchor = report.anchor ?? anchor
  }
  return { ...total, ...(anchor ? { anchor } : {}) }
}

function affectedPacks(state: ReplicaState, entries: ForgottenEntries): string[] {
  const sorted = new Map(
    Object.entries(entries).map(([device, seqs]) => [device, Float64Array.from(seqs).toSorted()]),
  )
  const isAffected = ({ spans }: PackEntry): boolean =>
    spans.some(({ device, first, last }) => isAnyIn(sorted.get(device), first, last))
  return [...state.packs.values()]
    .filter((pack) => isAffected(pack) && isHeldHere(state, pack))
    .map(({ name }) => name)
}

/** True when this device's log holds all that the pack does. */
export function isHeldHere({ claims, holes }: ReplicaState, { spans }: PackEntry): boolean {
  return spans.every((span) => isSpanHeld({ heads: claims, holes }, span))
}

function isAnyIn(sorted: Float64Array | undefined, first: number, last: number): boolean {
  if (!sorted) return false
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) < first) low = middle + 1
    else high = middle
  }
  const next = sorted[low]
  return next !== undefined && next <= last
}
