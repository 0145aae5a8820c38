import type { KeyringFile } from '@muniment/interface'

/** A keyring file that lives as long as the program. */
export function memoryKeyring(): KeyringFile {
  let held: Uint8Array | undefined
  return {
    read: async () => held?.slice(),
    async replace(bytes) {
      held = bytes.slice()
    },
  }
}
