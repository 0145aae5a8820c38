import { check } from './check.ts'
import type { ReplicaOptions } from './components.ts'
import type { ReplicaContext } from './context.ts'
import { isHeldHere } from './forget.ts'
import { giveUp } from './give-up.ts'
import { openState, standForAllSeen } from './open-state.ts'
import { spansOfPack } from './pack-spans.ts'
import { prefetched } from './prefetched.ts'
import { unlistedPacks } from './pull.ts'
import { type PushReport, pushState } from './push.ts'
import type { ReplicaState } from './replica-state.ts'
import { fetchObject, removeObjects } from './transfer.ts'
import { leaveOutBrokenKeyrings } from './trust.ts'

/**
 * Checks every pack, and writes again what is missing, damaged, or was taken back. Packs that are there and that nothing
 * lists, because a head or an index was lost, are listed again. What this device does not hold itself stays listed as
 * missing.
 */
export async function repair(context: ReplicaContext, options: ReplicaOptions): Promise<PushReport> {
  // What was removed may have come back: it is looked at anew.
  context.removed.clear()
  const { ok, missing, damaged } = await check(context, options)
  const state = await openState(context, options)
  if (!ok) await listAgain(context, state, options)
  for (const name of state.unreadIndexes) giveUp(state, name)
  state.unreadIndexes.clear()
  // This device's own is written again.
  await leaveOutBrokenKeyrings(context, state, { isDoubtful: () => true, options })
  await standForAllSeen(context, state)
  const lost = [...missing, ...damaged].filter((name) => {
    const pack = state.packs.get(name)
    return pack !== undefined && isHeldHere(state, pack)
  })
  const report = await pushState(context, state, { options, lost })
  const removed = await removeObjects(context, state.unreadHeads, options)
  return { ...report, removed: report.removed + removed }
}

async function listAgain(
  context: ReplicaContext,
  state: ReplicaState,
  options: ReplicaOptions,
): Promise<void> {
  const unlisted = await unlistedPacks(context, state, options)
  const load = fetchObject.bind(undefined, context)
  for await (const [pack, content] of prefetched(unlisted, ({ name }) => load(name, options))) {
    if (content === 'missing' || content === 'damaged' || content.kind !== 'frames') continue
    const spans = spansOfPack(content)
    if (!spans) continue
    state.packs.set(pack.name, { ...pack, spans })
    state.isChanged = true
  }
}
