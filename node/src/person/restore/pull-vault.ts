import { rm } from 'node:fs/promises'
import { type DeviceKeys, makeDeviceKeys, type RecoveryMember } from '@muniment/devices'
import { isMunimentError, type Problem, type VaultId } from '@muniment/interface'
import type { PullReport, Replica, ReplicaOptions } from '@muniment/replicas'
import { createStorage, openStorage, type Storage, type StorageInit } from '../../home/open-storage.ts'
import { nodeCryptography, nodeRandom } from '../../platform/index.ts'
import { makeFolder } from '../../store/index.ts'
import { deviceChanges, readDeviceRows } from '../device-rows.ts'
import { openParts, type PersonParts } from '../open-parts.ts'
import { readReplicaEntries, type ReplicaEntry } from '../replicas/replica-entries.ts'
import { locationOf } from '../replicas/replica-place.ts'
import { replicasOf, withReplica } from '../replicas/with-replica.ts'
import type { PulledReplica } from './confirmation.ts'
import type { FoundReplicas } from './find-replicas.ts'

/** A vault in a folder that is not whole yet, with all that the replicas gave. */
export interface PulledVault {
  readonly parts: PersonParts
  readonly pulled: readonly PulledReplica[]
  readonly problems: readonly Problem[]
}

/** What pulling needs. */
export interface PullInit {
  readonly member: RecoveryMember
  readonly found: FoundReplicas
  readonly options: ReplicaOptions
}

/**
 * Opens the storage of a restore: that of one which was cut off, if it is of this vault and opens, else a new one with
 * keys of its own. What an earlier one left was never acknowledged to anyone.
 */
export async function openRestoring(init: StorageInit, vaultId: VaultId): Promise<Storage> {
  const left = await openLeft(init, vaultId)
  if (left) return left
  await rm(init.folder, { recursive: true, force: true })
  await makeFolder(init.folder)
  const storage = await createStorage(init)
  const keys: DeviceKeys = await makeDeviceKeys({ cryptography: nodeCryptography, random: nodeRandom })
  await storage.store.commit(deviceChanges({ vaultId, keys, transportKey: nodeRandom(32) }))
  return storage
}

async function openLeft(init: StorageInit, vaultId: VaultId): Promise<Storage | undefined> {
  let storage: Storage | undefined
  try {
    storage = await openStorage(init)
    if ((await readDeviceRows(storage.store)).vaultId === vaultId) return storage
  } catch (error) {
    // Another restore is at work there: leave it alone.
    if (!isMunimentError(error) || error.code === 'ERR_STORE_LOCKED') throw error
  }
  await storage?.store.close()
  return undefined
}

/** Pulls all that the found replicas have, then from those that the vault itself knows and that can be reached. */
export async function pullVault(
  storage: Storage,
  { member, found, options }: PullInit,
): Promise<PulledVault> {
  const parts = await openParts(storage, { recovery: member.keys })
  try {
    const replicas = replicasOf(parts)
    const pulled: PulledReplica[] = []
    const problems: Problem[] = [...found.problems]
    const asked = new Set<string>()
    const take = async (replica: Replica, location: string): Promise<void> => {
      const report = await replica.pull(options)
      problems.push(...report.problems)
      pulled.push({ location, anchors: report.anchors, isWhole: isWhole(report) })
    }
    for (const { place, storage: there, secret } of found.found) {
      const replica = replicas.open({ storage: there, secret })
      asked.add(placeName({ id: replica.id, place }))
      await take(replica, locationOf(place))
    }
    await takenIn(parts)
    for (let entry = await next(parts, asked); entry; entry = await next(parts, asked)) {
      asked.add(placeName(entry))
      await pullKnown({ parts, entry, take, problems })
      await takenIn(parts)
    }
    const { keyring, roster } = parts
    const isOpen = keyring.describe().epoch === roster.epoch()
    const left = problems.filter(({ code }) => !isOpen || code !== 'keyring_refused')
    return { parts, pulled, problems: distinct(left) }
  } catch (error) {
    await parts.close()
    throw error
  }
}

/** A replica that the vault knows and that was not asked yet: each may know of further ones. */
async function next(parts: PersonParts, asked: ReadonlySet<string>): Promise<ReplicaEntry | undefined> {
  const entries = await readReplicaEntries(parts.vault)
  return entries.find((entry) => !asked.has(placeName(entry)))
}

/** An old copy of a replica has its id: only the place tells them apart. */
function placeName({ id, place }: Pick<ReplicaEntry, 'id' | 'place'>): string {
  return `${id} ${place ? locationOf(place) : ''}`
}

async function takenIn({ vault }: PersonParts): Promise<void> {
  await vault.keysChanged()
  await vault.settled()
}

interface Known {
  readonly parts: PersonParts
  readonly entry: ReplicaEntry
  readonly take: (replica: Replica, location: string) => Promise<void>
  readonly problems: Problem[]
}

/** A replica that was not named is asked too, if it can be reached: it may have more. */
async function pullKnown({ parts, entry, take, problems }: Known): Promise<void> {
  const location = entry.place ? locationOf(entry.place) : ''
  try {
    await withReplica({ parts, replicas: replicasOf(parts) }, entry, ({ replica }) => take(replica, location))
  } catch (error) {
    if (!isMunimentError(error) || error.code === 'ERR_ABORTED') throw error
    problems.push({ code: error.code, message: `${entry.name}: ${error.message}` })
  }
}

/** What a damaged head or an absent pack took away is missing; that one of its devices was behind is not. */
function isWhole({ behind, problems }: PullReport): boolean {
  const harmless = new Set(['not_arrived', 'keyring_refused'])
  return Object.keys(behind).length === 0 && problems.every(({ code }) => harmless.has(code))
}

function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.code} ${problem.message}`, problem])).values()]
}
