import { type DeviceId, isMunimentError } from '@muniment/interface'
import type { ReplicaOptions } from '@muniment/replicas'
import type { PersonParts } from '../open-parts.ts'
import type { ReplicaState } from './replica-rows.ts'
import type { OpenReplica } from './with-replica.ts'

/** Removes from a replica what was erased since it was last told; one that was never written to has nothing of it. */
export async function forgetErased({
  parts: { vault },
  open: { replica },
  state,
  options,
}: {
  readonly parts: PersonParts
  readonly open: OpenReplica
  readonly state: ReplicaState
  readonly options: ReplicaOptions
}): Promise<Pick<ReplicaState, 'forgotten' | 'keepsErased'>> {
  const last = await vault.lastSweep()
  const { forgotten = 0, keepsErased } = state
  if (last <= forgotten) return { forgotten, keepsErased }
  if (state.confirmedAt === undefined) return { forgotten: last, keepsErased }
  const entries: Record<DeviceId, number[]> = {}
  let told = forgotten
  for await (const { sweep, entries: dropped } of vault.droppedEntries(forgotten)) {
    for (const [device, seqs] of Object.entries(dropped)) (entries[device] ??= []).push(...seqs)
    told = sweep
  }
  try {
    await replica.forget(entries, options)
    return { forgotten: told, keepsErased }
  } catch (error) {
    // A place that keeps everything for ever, on purpose: the rest of the vault is to be kept there all the same.
    if (!isMunimentError(error, 'ERR_REPLICA_REFUSED')) throw error
    return { forgotten: told, keepsErased: true }
  }
}
