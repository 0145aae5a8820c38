import type { DeviceId, Store, VaultId } from '@muniment/interface'
import { doubtChange } from './doubt.ts'
import { type Holes, holesChange } from './holes.ts'
import type { LogState } from './log-state.ts'
import { type SurveyComponents, surveyChanges, surveyLog } from './mend-log.ts'

/** Notes that nobody is expected to give back what is lost. */
export async function giveUpHoles(store: Store, state: LogState): Promise<void> {
  const given = [...state.holes].map(
    ([device, holes]) => [device, holes.map((hole) => ({ ...hole, isGivenUp: true }))] as const,
  )
  await store.commit([...given.map(([device, holes]) => holesChange(device, holes)), doubtChange(false)])
  for (const [device, holes] of given) state.holes.set(device, holes)
  state.isOwnHeadDoubted = false
}

/** Looks through all that is held, and notes what is lost, in memory and on disk; heads that do not open are written again. */
export async function auditLog(
  components: SurveyComponents,
  { vault, state }: { readonly vault: VaultId; readonly state: LogState },
): Promise<Holes> {
  const survey = await surveyLog(components, { vault, heads: state.heads, devices: [] })
  const lost: [DeviceId, Parameters<typeof state.holes.set>[1]][] = []
  for (const [device, holes] of survey.holes) {
    state.holes.set(device, holes)
    if (holes.length > 0) lost.push([device, holes])
  }
  await components.store.commit(surveyChanges({ heads: state.heads, holes: survey.holes }))
  return new Map(lost)
}
