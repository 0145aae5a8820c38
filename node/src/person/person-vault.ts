import type { DeviceId, VaultId } from '@muniment/interface'
import { type Exchange, openExchange } from './exchange.ts'
import type { PersonParts } from './open-parts.ts'
import { type OwnDamage, ownDamage } from './mending/own-damage.ts'
import { type OwnDevices, ownDevices } from './own-devices.ts'
import { type OwnExport, ownExport } from './own-export.ts'
import { type OwnImports, ownImports } from './own-imports.ts'
import { type OwnRecords, ownRecords } from './own-records.ts'
import { type OwnGuardians, ownGuardians } from './recovery/own-guardians.ts'
import { type OwnKit, ownKit } from './recovery/own-kit.ts'
import { type OwnReplicas, ownReplicas } from './replicas/own-replicas.ts'
import { type OwnRehearsal, ownRehearsal } from './restore/own-rehearsal.ts'
import { type Restored, readRestored } from './restore/restored-row.ts'
import { type VaultConnection, vaultConnection } from './vault-connection.ts'

/** A person's vault on this device: what the command and the SDK use. */
export interface PersonVault
  extends
    Exchange,
    OwnDevices,
    OwnDamage,
    OwnExport,
    OwnImports,
    OwnGuardians,
    OwnKit,
    OwnRecords,
    OwnRehearsal,
    OwnReplicas,
    VaultConnection {
  readonly vaultId: VaultId
  readonly deviceId: DeviceId
  /** When this device was restored, and how sure it is that nothing is missing; `undefined` for one that never was. */
  restored(): Promise<Restored | undefined>
  /** Closes the vault with everything on disk. */
  close(): Promise<void>
}

/** The vault over its parts. */
export async function personVault(parts: PersonParts): Promise<PersonVault> {
  const { keys, vaultId } = parts
  const { writable, ...connection } = vaultConnection(parts)
  const { stop: stopWatching, ...damage } = ownDamage(parts, connection)
  const { keeping, ...replicas } = await ownReplicas(parts, writable)
  const held = {
    ...openExchange(parts, writable),
    ...ownDevices(parts, writable),
    ...ownRecords(parts, writable),
    ...ownImports(parts, writable),
    ...ownKit(parts, writable),
    ...ownGuardians({ parts, writable }),
    ...replicas,
    ...damage,
    ...connection,
    vaultId,
    deviceId: keys.id,
    restored: () => readRestored(parts),
  }
  return {
    ...held,
    ...ownExport(held),
    ...ownRehearsal({ parts, writable }, replicas),
    async goOnline(settings) {
      await connection.goOnline(settings)
      keeping.start()
    },
    async goOffline() {
      await keeping.stop()
      await connection.goOffline()
    },
    async close() {
      stopWatching()
      await keeping.stop()
      await connection.goOffline()
      await parts.close()
    },
  }
}
