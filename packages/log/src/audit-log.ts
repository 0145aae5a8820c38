import type { DeviceId, VaultId } from '@muniment/interface'
import type { Holes } from './holes.ts'
import type { LogState } from './log-state.ts'
import { type SurveyComponents, surveyChanges, surveyLog } from './mend-log.ts'

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
