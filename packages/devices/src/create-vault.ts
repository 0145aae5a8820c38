import type { Cryptography, PeerId, Random, VaultId } from '@muniment/interface'
import { type DeviceKeys, makeDeviceKeys } from './device-keys.ts'
import { encodeOperation, parseOperation, vaultIdOf } from './roster-operation.ts'

/** A vault that has just been made, with its first device. */
export interface NewVault {
  readonly vaultId: VaultId
  /** The first device's keys: write them into a sealed store before anything else. */
  readonly keys: DeviceKeys
  /** The first roster operation, for `openRoster`. */
  readonly genesis: Uint8Array
}

/** Makes a vault with this device as its first. Throws `ERR_MALFORMED` for a name that is empty, too long or hidden. */
export async function createVault(
  components: { readonly cryptography: Cryptography; readonly random: Random },
  { name, transport }: { readonly name: string; readonly transport: PeerId },
): Promise<NewVault> {
  const keys = await makeDeviceKeys(components)
  const device = { id: keys.id, name, transport, agreementKey: keys.agreement.publicKey }
  const genesis = encodeOperation({ op: 'create', prev: [], device, salt: components.random(16) })
  parseOperation(genesis)
  return { keys, vaultId: vaultIdOf(components.cryptography, genesis), genesis }
}
