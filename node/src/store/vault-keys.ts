import { deriveKey } from '@muniment/crypto'
import type { Cryptography } from '@muniment/interface'

/** The keys of a device's files, all derived from the root key that its header wraps; 32 bytes each. */
export interface VaultFileKeys {
  /** Of the store. */
  readonly store: Uint8Array
  /** Of the keyring's file. */
  readonly keyringFile: Uint8Array
  /** Of whatever small files a device keeps beside them, such as its own private keys. */
  readonly deviceFile: Uint8Array
}

/** Derives the keys of the files. */
export function vaultFileKeys(cryptography: Cryptography, rootKey: Uint8Array): VaultFileKeys {
  return {
    store: deriveKey(cryptography, rootKey, 'muniment/store-key/1'),
    keyringFile: deriveKey(cryptography, rootKey, 'muniment/keyring-file-key/1'),
    deviceFile: deriveKey(cryptography, rootKey, 'muniment/device-file-key/1'),
  }
}
