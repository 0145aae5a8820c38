import { isMunimentError, MunimentError } from '@muniment/interface'
import { devicesBehind } from './anchor.ts'
import type { ReplicaOptions } from './components.ts'
import type { ReplicaContext } from './context.ts'
import { furthestHeads } from './head.ts'
import { isSpanHeld } from './held-here.ts'
import { addSeenHeads, addToMemory, readMemory, readSeenHeads } from './memory.ts'
import { receivePacks } from './receive-packs.ts'
import { readState, type ReplicaState } from './replica-state.ts'
import { strangeHeads, trustedHeads } from './trust.ts'
import { placeOf } from './write-head.ts'

/**
 * Reads what the replica holds, and compares it with what this vault remembers of it. Where strangers wrote heads, their
 * packs are taken in first: they may be devices that joined since, and the packs then say so.
 */
export async function openState(context: ReplicaContext, options: ReplicaOptions): Promise<ReplicaState> {
  let state = await readPlace(context, options)
  if (strangeHeads(context, state).length > 0) {
    const held = { heads: state.claims, holes: state.holes }
    const packs = [...state.packs.values()].filter(({ spans }) =>
      spans.some((span) => !isSpanHeld(held, span)),
    )
    await receivePacks(context, { packs, options })
    state = await readPlace(context, options)
  }
  await compareMemory(context, state)
  return state
}

/** Reads what the replica holds. */
export async function readPlace(context: ReplicaContext, options: ReplicaOptions): Promise<ReplicaState> {
  const { log, roster } = context.components
  const isMember = (device: string): boolean => roster.isMember(device)
  const state = await readState({ ...context, vault: log.vault, isMember }, options)
  state.claims = log.heads()
  state.holes = log.holes()
  return state
}

/**
 * Compares what was read with what is remembered. Problem `rolled_back`: the replica no longer has what this device has
 * seen there. Problem `not_arrived`: it has not got what other devices say that they wrote.
 */
export async function compareMemory(context: ReplicaContext, state: ReplicaState): Promise<void> {
  const { components } = context
  const place = placeOf(context)
  const isMember = (device: string): boolean => components.roster.isMember(device)
  const seen = devicesBehind(state.anchors, await readMemory(components, place)).filter(isMember)
  const heard = devicesBehind(state.anchors, await readMemory(components, { ...place, isHeard: true }))
  if (seen.length > 0) {
    state.problems.push({
      code: 'rolled_back',
      message: `the replica no longer has what ${seen.length} of the vault's devices wrote to it last`,
    })
  }
  if (heard.some((device) => isMember(device) && !seen.includes(device))) {
    state.problems.push({
      code: 'not_arrived',
      message: 'the replica has not got yet what another device of the vault wrote to it',
    })
  }
}

/** Remembers what was seen of a replica. */
export async function rememberState(context: ReplicaContext, state: ReplicaState): Promise<void> {
  await addToMemory(context.components, placeOf(context), state.anchors.values())
  const seen = furthestHeads(trustedHeads(context, state))
  await addSeenHeads(context.components.store, context.keys.id, seen)
}

/**
 * Lets the next head stand for all that was ever seen there, so that a loss that was mended is not met again by every
 * device. The head says with it how far the logs were: what this device cannot write again is found lacking until the
 * device whose it is writes it. Only where everything was read and written anew.
 */
export async function standForAllSeen(context: ReplicaContext, state: ReplicaState): Promise<void> {
  for (const anchor of (await readMemory(context.components, placeOf(context))).values()) {
    if ((state.anchors.get(anchor.device)?.counter ?? 0) < anchor.counter)
      state.anchors.set(anchor.device, anchor)
  }
  state.lost = await readSeenHeads(context.components.store, context.keys.id)
}

/** True when the replica is found to have gone back. */
export function isRolledBack({ problems }: ReplicaState): boolean {
  return problems.some(({ code }) => code === 'rolled_back')
}

/** Throws `ERR_REPLICA_ROLLED_BACK` for a replica that has gone back. */
export function refuseRolledBack(state: ReplicaState): void {
  if (!isRolledBack(state)) return
  throw new MunimentError(
    'ERR_REPLICA_ROLLED_BACK',
    'this replica is older than what this device has seen there: repair it, after looking into why',
  )
}

/** The replica's word on this device's own log, which lets it write or shows that it is an old copy (protocol rule 3). */
export async function compareOwnHead(context: ReplicaContext, state: ReplicaState): Promise<void> {
  const { components, device } = context
  if (components.log.device === undefined) return
  try {
    await components.log.confirmHead(furthestHeads(trustedHeads(context, state))[device])
  } catch (error) {
    if (!isMunimentError(error, 'ERR_ROLLED_BACK')) throw error
    state.problems.push({
      code: 'old_copy',
      message: 'this device is an old copy: the replica holds more of its log than it has itself',
    })
  }
}
