import type { Actions } from '../control/actions.ts'
import type { StorageInit } from '../home/open-storage.ts'
import { credentialActions } from './actions/credential-actions.ts'
import { damageActions } from './actions/damage-actions.ts'
import { deviceActions } from './actions/device-actions.ts'
import { exportActions } from './actions/export-actions.ts'
import { importActions } from './actions/import-actions.ts'
import { guardianActions } from './actions/guardian-actions.ts'
import { kitActions } from './actions/kit-actions.ts'
import { recordActions } from './actions/record-actions.ts'
import { replicaActions } from './actions/replica-actions.ts'
import { requestActions } from './actions/request-actions.ts'
import { rosterActions } from './actions/roster-actions.ts'
import { openVault } from './open-vault.ts'

/** Opens a person's vault and what may be asked of it. */
export async function openPersonActions(
  init: StorageInit,
): Promise<{ readonly actions: Actions; close(): Promise<void> }> {
  const vault = await openVault(init)
  const actions = {
    ...deviceActions(vault),
    ...rosterActions(vault),
    ...importActions(vault),
    ...recordActions(vault),
    ...credentialActions(vault),
    ...requestActions(vault),
    ...exportActions(vault),
    ...damageActions(vault),
    ...replicaActions(vault),
    ...kitActions(vault),
    ...guardianActions(vault),
  }
  return { actions, close: () => vault.close() }
}
