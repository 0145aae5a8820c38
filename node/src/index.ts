/**
 * A personal data vault on your own devices, and the organisations that it answers: the SDK, which is what the command
 * `muniment` uses.
 *
 * @example
 * ```ts
 * import { createVault } from 'muniment'
 *
 * const vault = await createVault({ folder, passphrase: 'correct horse battery staple', name: 'Laptop' })
 * const id = await vault.note('Car insurance', { renewal: '2027-01-31' })
 * console.log((await vault.record(id))?.title)
 * await vault.close()
 * ```
 * @packageDocumentation
 */
export { isMunimentError, MunimentError, type MunimentErrorCode } from '@muniment/interface'
export type { ArchiveKeys, ExportProgress, ExportReport, ExportSettings } from './export/index.ts'
export { type StorageInit } from './home/open-storage.ts'
export { createOrganisation, type CreateOrganisationInit } from './organisation/create-organisation.ts'
export {
  openOrganisation,
  type Organisation,
  type ReceivedExchange,
  type RequestDraft,
} from './organisation/open-organisation.ts'
export type { Acknowledged, Answering, Choice } from './person/answering.ts'
export { createVault, type CreateVaultInit } from './person/create-vault.ts'
export type { CredentialSummary, CredentialWallet } from './person/credential-wallet.ts'
export type { PeerStatus } from './person/device-sync.ts'
export type { Exchange } from './person/exchange.ts'
export { joinVault, type JoinVaultInit } from './person/join-vault.ts'
export type { LedgerLine, LedgerView } from './person/ledger-view.ts'
export { openVault } from './person/open-vault.ts'
export type { InviteOptions } from './person/pairing-desk.ts'
export type { CheckReport, DamageReport, LostEntries, OwnDamage } from './person/mending/own-damage.ts'
export type { OwnDevices, RemovedDeviceStatus } from './person/own-devices.ts'
export type { OwnExport } from './person/own-export.ts'
export type { FileReport, ImportSettings, OwnImports } from './person/own-imports.ts'
export type { OwnRecords } from './person/own-records.ts'
export type { PersonVault } from './person/person-vault.ts'
export type {
  GuardianFragment,
  GuardiansInit,
  NewGuardians,
  OwnGuardians,
} from './person/recovery/own-guardians.ts'
export type { KitStatus, NewKit, OwnKit } from './person/recovery/own-kit.ts'
export type { OwnReplicas } from './person/replicas/own-replicas.ts'
export type { ReplicaPlace } from './person/replicas/replica-place.ts'
export type { ReplicaStatus } from './person/replicas/replica-status.ts'
export { collectFragments, type Collected, forgetFragments } from './person/restore/collect-fragments.ts'
export { openKit, type OpenedKit } from './person/restore/open-kit.ts'
export {
  type RestoredVault,
  type RestoreReport,
  restoreVault,
  type RestoreVaultInit,
} from './person/restore/restore-vault.ts'
export type { RequestInbox, RequestSummary } from './person/request-inbox.ts'
export type { OnlineSettings, VaultConnection } from './person/vault-connection.ts'
