import type { KeyringFile } from '@muniment/interface'

/** A keyring file that lives as long as the program. */
export function memoryKeyring(): KeyringFile {
  let held: Uint8Array | undefined
  return {
    read: async () => held && new Uint8Array(held),
    async replace(bytes) {
      held = new Uint8Array(bytes)
    },
  }
}
