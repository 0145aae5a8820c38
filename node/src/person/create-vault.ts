import { createVault as makeVault } from '@muniment/devices'
import { makeFolder } from '../home/folder.ts'
import { createStorage, type StorageInit } from '../home/open-storage.ts'
import { peerIdOf } from '../network/peer-id.ts'
import { nodeCryptography, nodeRandom } from '../platform/index.ts'
import { deviceChanges } from './device-rows.ts'
import { openParts } from './open-parts.ts'
import { openVault } from './open-vault.ts'
import type { PersonVault } from './person-vault.ts'

/** How a vault is made. */
export interface CreateVaultInit extends StorageInit {
  /** What to call this device. */
  readonly name: string
}

/**
 * Makes a vault on this device and opens it. No network is used. Throws `ERR_ALREADY_EXISTS` when the folder is not
 * empty, `ERR_STORE_NOT_WRITABLE`, and `ERR_INVALID_ARGUMENT` for an empty passphrase; then nothing was made.
 */
export async function createVault({ folder, passphrase, name }: CreateVaultInit): Promise<PersonVault> {
  await makeFolder(folder, 'person', async (temporary) => {
    const storage = await createStorage({ folder: temporary, passphrase })
    const transportKey = nodeRandom(32)
    const components = { cryptography: nodeCryptography, random: nodeRandom }
    const { keys, vaultId, genesis } = await makeVault(components, {
      name,
      transport: await peerIdOf(transportKey),
    })
    await storage.store.commit(deviceChanges({ vaultId, keys, transportKey, genesis }))
    const parts = await openParts(storage)
    await parts.close()
  })
  return openVault({ folder, passphrase })
}
