import { isMunimentError, type KeyringFile, type Store } from '@muniment/interface'
import { nodeClock, nodeCryptography, nodeRandom } from '../platform/index.ts'
import {
  type CheckedStore,
  type CheckOptions,
  createKeyHeader,
  fileKeyring,
  openLevelStore,
  type ReadOnly,
  sealedFile,
  vaultFileKeys,
} from '../store/index.ts'
import type { StoreDamage } from '../store/store-damage.ts'
import { holdsStore } from '../store/store-folder.ts'
import { folderPaths, unlockingOf } from './folder.ts'
import { checkFolder, type FolderCheck } from './check-folder.ts'
import {
  asideFolder,
  type FolderDamage,
  mendKeyring,
  openMendedHeader,
  type SmallFile,
} from './mend-files.ts'

const COMPONENTS = { cryptography: nodeCryptography, random: nodeRandom }

/** A folder's storage, open. */
export interface Storage {
  readonly store: Store
  readonly keyringFile: KeyringFile
  /** Why nothing can be written for now. */
  readonly readOnly: () => ReadOnly | undefined
  /** What the device knows of itself, once more: the store may lose its rows. */
  readonly deviceFile: KeyringFile
  /** Reads every row and file. Throws `ERR_ABORTED`. */
  readonly check: (options?: CheckOptions) => Promise<FolderCheck>
  /** What was found damaged just now; absent when all was whole. */
  readonly damage?: FolderDamage
}

/** How a folder is opened. */
export interface StorageInit {
  readonly folder: string
  /** Without it, the key file in the folder opens it. */
  readonly passphrase?: string | undefined
}

/**
 * Opens a folder's storage. Single flipped bits are set right, and what was there is kept aside. Throws what
 * `openKeyHeader` and `openLevelStore` throw.
 *
 * @param mayLoseRows - true when more may be mended than single bits, because what is lost can come from elsewhere
 */
export async function openStorage(init: StorageInit, mayLoseRows: boolean = false): Promise<Storage> {
  const { folder } = init
  const { keyring, device, store: path } = folderPaths(folder)
  await refuseNewer(path)
  const aside = asideFolder(folder, nodeClock.now())
  const corrected: SmallFile[] = []
  const rootKey = await openMendedHeader(init, aside, (file) => corrected.push(file))
  const keys = vaultFileKeys(nodeCryptography, rootKey)
  let damage: StoreDamage | undefined
  const onDamage = (found: StoreDamage): void => {
    damage = found
  }
  const mending = { aside, mayLoseRows, onDamage }
  const store = await openLevelStore(path, { ...COMPONENTS, clock: nodeClock, key: keys.store, mending })
  const mended = await mendKeyring(folder, aside, mayLoseRows)
  if (mended === 'corrected') corrected.push('keyring')
  const isKeyringLost = mayLoseRows && mended === 'damaged'
  const isDamaged = isKeyringLost || corrected.length > 0 || damage !== undefined
  const keyringFile = withReserve(fileKeyring(keyring, { ...COMPONENTS, key: keys.keyringFile }), store)
  return {
    store,
    keyringFile,
    readOnly: store.readOnly,
    deviceFile: sealedFile(
      device,
      { ...COMPONENTS, key: keys.deviceFile },
      { domain: 'muniment/device-file/1', what: 'the file of the device' },
    ),
    check: (options) => checkFolder(folder, { store, keyringFile }, options),
    ...(isDamaged && { damage: { aside, corrected, isKeyringLost, ...(damage && { store: damage }) } }),
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

/** A file that is written once more with the room that the store keeps back, when the disk is full. */
function withReserve(file: KeyringFile, store: CheckedStore): KeyringFile {
  return {
    read: () => file.read(),
    async replace(bytes) {
      try {
        await file.replace(bytes)
      } catch (error) {
        if (!isMunimentError(error, 'ERR_STORE_FULL')) throw error
        const refusal = await store.ranOut(bytes.length)
        await file.replace(bytes).catch(() => {
          throw refusal
        })
      }
    },
  }
}

/** Nothing is mended in a folder whose store a newer version wrote. */
async function refuseNewer(store: string): Promise<void> {
  await holdsStore(store).catch((error: unknown) => {
    if (isMunimentError(error, 'ERR_STORE_NEWER')) throw error
  })
}
