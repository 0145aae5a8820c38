import { isJsonObject } from '../control/lines.ts'
import { type Show, rowsOf } from './command-kit.ts'
import { printMembers } from './output.ts'
import { showConfirmation } from './restore-words.ts'
import { showErasing } from './show-erasures.ts'
import { showGuardians } from './show-guardians.ts'
import { showKit } from './show-kit.ts'
import { showReplicas } from './commands/replica.ts'

/** Shows how a vault or an organisation stands. */
export const showStatus: Show = (result, language) => {
  if (!isJsonObject(result)) return
  const { erasing, replicas, kit, guardians, restored, ...members } = result
  printMembers(members)
  if (erasing !== undefined) showErasing(rowsOf(result, 'erasing'), language)
  if (replicas !== undefined) showReplicas({ replicas: rowsOf(result, 'replicas') }, language)
  showConfirmation(restored, language)
  if (kit !== undefined) showKit({ kit }, language)
  if (isJsonObject(guardians)) showGuardians({ guardians }, language)
}
