import type { ReplicaOptions } from './components.ts'
import type { ReplicaContext } from './context.ts'
import { giveUp } from './give-up.ts'
import { clearUploaded, readUploaded } from './memory.ts'
import { compareOwnHead, isRolledBack, openState, refuseRolledBack, rememberState } from './open-state.ts'
import { learnForks, pushFrames, pushProofs } from './push-frames.ts'
import { pushKeyring } from './push-keyring.ts'
import type { ReplicaState } from './replica-state.ts'
import { removeObjects } from './transfer.ts'
import { leaveOutFalsePacks, strangeHeads } from './trust.ts'
import { type WriteContext, writeCheckpoint } from './write-packs.ts'

/** What a push wrote. */
export interface PushReport {
  /** Packs written, each read back and compared. */
  readonly packs: number
  /** Bytes of packs and keyrings written. */
  readonly bytes: number
  /** Frames that the replica did not have. */
  readonly frames: number
  /** Objects removed that nothing needs any more. */
  readonly removed: number
  /** The signed anchor left at the replica, for guardians too; absent when there was nothing to write. */
  readonly anchor?: Uint8Array
}

/** Writes to the replica what it lacks. Throws `ERR_REPLICA_ROLLED_BACK` for one that has gone back. */
export async function push(context: ReplicaContext, options: ReplicaOptions): Promise<PushReport> {
  const state = await openState(context, options)
  refuseRolledBack(state)
  return pushState(context, state, { options })
}

/** As {@link push}, for a replica that was read; packs that are given up are written again from the log. */
export async function pushState(
  context: ReplicaContext,
  state: ReplicaState,
  { options, lost = [] }: { readonly options: ReplicaOptions; readonly lost?: readonly string[] },
): Promise<PushReport> {
  const uploaded = await readUploaded(context.components.store, context.keys.id)
  const written = { packs: 0, bytes: 0, frames: 0, removed: 0 }
  const write: WriteContext = { context, state, options, uploaded, written }
  await compareOwnHead(context, state)
  await learnForks(context, state, options)
  const strange = strangeHeads(context, state).map(({ name }) => name)
  if (strange.length > 0) {
    await leaveOutFalsePacks(context, state, options)
    state.isChanged = true
  }
  for (const name of lost) giveUp(state, name)
  written.bytes += await pushKeyring(context, state, options)
  await pushFrames(write)
  await pushProofs(write)
  const anchor = isDue(context, state) ? await writeCheckpoint(write) : undefined
  if (!anchor) await rememberState(context, state)
  // What was worth keeping of these has been said again by a member.
  written.removed += await removeObjects(context, strange, options)
  await removeLeftovers(write)
  return { ...written, ...(anchor ? { anchor } : {}) }
}

/** Whether there is anything to say: something was written, nobody has written yet, or the roster changed since. */
function isDue({ components }: ReplicaContext, state: ReplicaState): boolean {
  if (state.isChanged || state.current.length === 0 || isRolledBack(state)) return true
  const epoch = components.roster.epoch()
  return ![...state.anchors.values()].some((anchor) => anchor.epoch === epoch)
}

/** Packs of an upload that was cut off, and that this one packed in another way. */
async function removeLeftovers({ context, state, options, uploaded, written }: WriteContext): Promise<void> {
  const left = [...uploaded].filter((name) => !state.packs.has(name))
  written.removed += await removeObjects(context, left, options)
  await clearUploaded(context.components.store, context.keys.id, uploaded)
}
