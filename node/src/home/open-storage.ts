import type { KeyringFile, Store } from '@muniment/interface'
import { nodeCryptography, nodeRandom } from '../platform/index.ts'
import { createKeyHeader, fileKeyring, openKeyHeader, openLevelStore, vaultFileKeys } from '../store/index.ts'
import { folderPaths, unlockingOf } from './folder.ts'

const COMPONENTS = { cryptography: nodeCryptography, random: nodeRandom }

/** A folder's storage, open. */
export interface Storage {
  readonly store: Store
  readonly keyringFile: KeyringFile
}

/** How a folder is opened. */
export interface StorageInit {
  readonly folder: string
  /** Without it, the key file in the folder opens it. */
  readonly passphrase?: string | undefined
}

/** Opens a folder's storage. Throws what `openKeyHeader` and `openLevelStore` throw. */
export async function openStorage({ folder, passphrase }: StorageInit): Promise<Storage> {
  const { header, keyring, store } = folderPaths(folder)
  const rootKey = await openKeyHeader(header, unlockingOf(folder, passphrase), COMPONENTS)
  const keys = vaultFileKeys(nodeCryptography, rootKey)
  return {
    store: await openLevelStore(store, { ...COMPONENTS, key: keys.store }),
    keyringFile: fileKeyring(keyring, { ...COMPONENTS, key: keys.keyringFile }),
  }
}

/** Makes the key header in a new folder, then opens its storage. */
export async function createStorage(init: StorageInit): Promise<Storage> {
  await createKeyHeader(
    folderPaths(init.folder).header,
    unlockingOf(init.folder, init.passphrase),
    COMPONENTS,
  )
  return openStorage(init)
}
