import type { RecoveryMember, RosterDevice } from '@muniment/devices'
import { type DeviceId, MunimentError, type Problem } from '@muniment/interface'
import { hashOfHeads, type ReplicaOptions } from '@muniment/replicas'
import { makeFolderInSteps } from '../../home/folder.ts'
import type { StorageInit } from '../../home/open-storage.ts'
import { peerIdOf } from '../../network/peer-id.ts'
import { nodeClock, nodeCryptography } from '../../platform/index.ts'
import type { PersonParts } from '../open-parts.ts'
import { openVault } from '../open-vault.ts'
import type { PersonVault } from '../person-vault.ts'
import { pushAll } from '../replicas/push-all.ts'
import type { ReplicaPlace } from '../replicas/replica-place.ts'
import { type Confirmation, confirmationOf } from './confirmation.ts'
import { findReplicas, type FoundReplicas } from './find-replicas.ts'
import { keepPlaces } from './keep-places.ts'
import { openRestoring, pullVault } from './pull-vault.ts'
import { keepRestored } from './restored-row.ts'

/** How a vault is restored. */
export interface RestoreVaultInit extends StorageInit {
  /** What to call this device. */
  readonly name: string
  /** Who restores: from `readRecoveryKit`, or `recoverFromFragments`. */
  readonly member: RecoveryMember
  /** Where replicas are: one is enough, with more the newest of them counts. */
  readonly replicas: readonly ReplicaPlace[]
  /** Chooses which devices are lost, and so to be taken out of the vault. By default all of them. */
  readonly chooseLost?: (devices: readonly RosterDevice[]) => Promise<readonly DeviceId[]>
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ReplicaOptions['onProgress']
}

/** What a restore came to. */
export interface RestoreReport extends Confirmation {
  /** Names of the devices that were taken out. */
  readonly removed: readonly string[]
  /** Names of those that stay in the vault. */
  readonly kept: readonly string[]
  /** What was missing or could not be reached. */
  readonly problems: readonly Problem[]
}

/** A restored vault, open. */
export interface RestoredVault {
  readonly vault: PersonVault
  readonly report: RestoreReport
}

/**
 * Restores a vault on a device that has nothing, and opens it: everything that was acknowledged and had reached a
 * replica. This device is enrolled as a new one, the lost ones are taken out, and new keys begin. Cut off at any moment,
 * it goes on or begins anew when it is called again; the folder is there whole or not at all. Nothing is ever removed:
 * the folder must be empty. Throws `ERR_ALREADY_EXISTS`, `ERR_NOT_FOUND` when nothing opens, `ERR_NOT_A_MEMBER` for words
 * that are not the vault's any more, `ERR_ABORTED`, `ERR_STORE_FULL`.
 */
export async function restoreVault(init: RestoreVaultInit): Promise<RestoredVault> {
  const { folder, passphrase, member, signal, onProgress } = init
  const options = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
  let report: RestoreReport | undefined
  await makeFolderInSteps(folder, 'person', async (unfinished) => {
    const found = await findReplicas(init.replicas, member, options)
    try {
      report = await restoreInto({ folder: unfinished, passphrase }, { init, found, options })
    } finally {
      await found.close()
    }
  })
  const vault = await openVault({ folder, passphrase })
  // The replicas hear of the new device and of who is out.
  await pushAll(vault, options)
  if (report) return { vault, report }
  throw new MunimentError('ERR_INTERNAL', 'a vault was restored without a report')
}

interface Restoring {
  readonly init: RestoreVaultInit
  readonly found: FoundReplicas
  readonly options: ReplicaOptions
}

async function restoreInto(
  storageInit: StorageInit,
  { init, found, options }: Restoring,
): Promise<RestoreReport> {
  const storage = await openRestoring(storageInit, found.vault)
  try {
    const { parts, pulled, problems } = await pullVault(storage, { member: init.member, found, options })
    const confirmation = confirmationOf(pulled, hashOfOthers(parts))
    const removed = await enrolHere(parts, init)
    await keepRestored(parts, { at: nodeClock.now(), ...confirmation })
    await keepPlaces(parts, found.found)
    const kept = parts.roster.devices().filter(({ id }) => id !== parts.keys.id)
    await parts.vault.close()
    return { ...confirmation, removed, kept: kept.map(({ name }) => name), problems }
  } finally {
    await storage.store.close()
  }
}

/** How far the logs were that were restored; a restore that was cut off may have begun this device's own. */
function hashOfOthers({ log, keys }: PersonParts): string {
  const { [keys.id]: _own, ...others } = log.heads()
  return hashOfHeads(nodeCryptography, others)
}

/** Makes this device one of the vault's, in the name of the words, and takes the lost ones out. Done once. */
async function enrolHere(
  { roster, keyring, log, keys, transportKey }: PersonParts,
  { name, member, chooseLost }: RestoreVaultInit,
): Promise<readonly string[]> {
  const before = new Set(roster.removed().map(({ id }) => id))
  const isEnrolled = roster.isMember(keys.id)
  if (!isEnrolled) {
    const devices = roster.devices()
    const remove = chooseLost ? await chooseLost(devices) : devices.map(({ id }) => id)
    const agreementKey = keys.agreement.publicKey
    const enrol = [{ id: keys.id, name, transport: await peerIdOf(transportKey), agreementKey }]
    log.knownOffline()
    await roster.actAsRecovery(member, { enrol, remove, rotate: true })
  }
  await keyring.renew()
  const removed = roster.removed().filter(({ removedBy }) => removedBy === member.keys.id)
  return removed.filter(({ id }) => isEnrolled || !before.has(id)).map((device) => device.name)
}
