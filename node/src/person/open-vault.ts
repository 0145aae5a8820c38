import { folderKind } from '../home/folder.ts'
import { openStorage, type StorageInit } from '../home/open-storage.ts'
import { MunimentError } from '@muniment/interface'
import { keepDeviceRows, readDeviceRows } from './device-rows.ts'
import { mendRows } from './mending/mend-rows.ts'
import { openParts } from './open-parts.ts'
import { type PersonVault, personVault } from './person-vault.ts'

/**
 * Opens a vault of this device. No network is used until `goOnline`. Throws `ERR_NO_VAULT`, `ERR_WRONG_PASSPHRASE`,
 * `ERR_STORE_LOCKED` when another process has it open, `ERR_STORE_NEWER` and `ERR_STORE_DAMAGED`.
 */
export async function openVault({ folder, passphrase }: StorageInit): Promise<PersonVault> {
  if ((await folderKind(folder)) !== 'person') {
    throw new MunimentError('ERR_NO_VAULT', `there is no vault in ${folder}`)
  }
  const storage = await openStorage({ folder, passphrase }, true)
  try {
    if (storage.damage) await mendRows(storage, storage.damage)
    await keepDeviceRows(await readDeviceRows(storage.store), storage.deviceFile)
    return await personVault(await openParts(storage))
  } catch (error) {
    await storage.store.close()
    throw error
  }
}
