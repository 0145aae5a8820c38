import { basename } from 'node:path'
import { spendCopies } from '@muniment/credentials'
import { openRoster, rereadChanges } from '@muniment/devices'
import type { DataKeys, Store } from '@muniment/interface'
import { type Holes, mendLog, openLog } from '@muniment/log'
import { rebuildChanges } from '@muniment/vault'
import type { Storage } from '../../home/open-storage.ts'
import type { FolderDamage } from '../../home/mend-files.ts'
import { nodeClock, nodeCryptography, nodeRandom } from '../../platform/index.ts'
import type { StoreLoss } from '../../store/store-damage.ts'
import { readDeviceRows, restoreDeviceRows } from '../device-rows.ts'
import { readReplicaStates } from '../replicas/replica-rows.ts'
import { type Incident, incidentChange } from './damage-book.ts'

const COMPONENTS = { cryptography: nodeCryptography, random: nodeRandom }

/** The log is read for what stands in it in the clear. */
const NO_KEYS: DataKeys = {
  get: () => undefined,
  isErased: () => false,
  isCurrent: () => false,
  create: async () => [],
}

/**
 * Brings the rows of a person's store in order after its files were damaged, before anything is opened over them, and notes
 * what happened. What can be made of the log is made anew from it: its heads, the roster, all tables of the vault. Throws
 * `ERR_STORE_DAMAGED` when the device's own keys are lost: it has to be enrolled again, or restored.
 */
export async function mendRows({ store, deviceFile }: Storage, damage: FolderDamage): Promise<void> {
  const { aside, corrected, isKeyringLost, store: files } = damage
  const lost = files?.lost
  if (lost) await restoreDeviceRows(store, deviceFile)
  await store.commit([
    incidentChange({
      at: nodeClock.now(),
      kept: basename(aside),
      corrected: [...corrected, ...(files?.corrected ?? []).map(({ file }) => `store/level/${file}`)],
      isKeyringLost,
      ...(lost && { lost: await mendLostRows(store, lost) }),
    }),
  ])
}

async function mendLostRows(store: Store, lost: StoreLoss): Promise<NonNullable<Incident['lost']>> {
  const { vaultId, keys, genesis } = await readDeviceRows(store)
  const holes = await mendLog({ ...COMPONENTS, store }, { vault: vaultId, devices: [keys.id] })
  const spent = await spendCopies(store)
  await store.commit([...(await rereadChanges(store)), ...rebuildChanges(), ...spent])
  const roster = await openRoster(
    { ...COMPONENTS, store },
    { vault: vaultId, device: keys.id, ...(genesis && { genesis }) },
  )
  const log = await openLog(
    { ...COMPONENTS, store, dataKeys: NO_KEYS, members: roster },
    { vault: vaultId, epoch: () => roster.epoch() },
  )
  await roster.follow({
    entries: (device, range) => log.entries(device, range),
    heads: () => log.heads(),
    seen: () => log.seen(),
    onAppend: () => () => undefined,
    append: async () => [],
  })
  // Who is alone, without a replica, has nobody to wait for.
  const isAlone = roster.devices().length < 2 && (await readReplicaStates(store)).size === 0
  if (isAlone) await log.giveUpHoles()
  const { parts, rows, missing } = lost
  return { parts, rows, files: missing, entries: countLost(holes), spentCopies: spent.length }
}

/** How many entries are lost. */
export function countLost(holes: Holes): number {
  let entries = 0
  for (const ranges of holes.values()) for (const { first, last } of ranges) entries += last - first + 1
  return entries
}
