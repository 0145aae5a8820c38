import { fromUtf8, utf8 } from '@muniment/crypto'
import { decodeDeviceKeys, type DeviceKeys, encodeDeviceKeys } from '@muniment/devices'
import { MunimentError, type Store, type StoreChange, type VaultId } from '@muniment/interface'

const TABLE = 'device'

/** What a device knows of itself; it never leaves the device. */
export interface DeviceRows {
  readonly vaultId: VaultId
  readonly keys: DeviceKeys
  /** The seed of the key that its connections are made with. */
  readonly transportKey: Uint8Array
  /** The vault's first roster operation, on the device that made the vault. */
  readonly genesis?: Uint8Array
}

/** The changes that keep a device's rows. */
export function deviceChanges({ vaultId, keys, transportKey, genesis }: DeviceRows): readonly StoreChange[] {
  return [
    { table: TABLE, key: 'vault', value: utf8(vaultId) },
    { table: TABLE, key: 'keys', value: encodeDeviceKeys(keys) },
    { table: TABLE, key: 'transport', value: transportKey },
    { table: TABLE, key: 'genesis', value: genesis },
  ]
}

/** Reads them back; throws `ERR_STORE_DAMAGED` when one is missing. */
export async function readDeviceRows(store: Store): Promise<DeviceRows> {
  const [vault, keys, transportKey, genesis] = await Promise.all(
    ['vault', 'keys', 'transport', 'genesis'].map((name) => store.get(TABLE, name)),
  )
  if (!vault || !keys || !transportKey) {
    throw new MunimentError('ERR_STORE_DAMAGED', 'the keys of this device are missing from its store')
  }
  const rows = { vaultId: fromUtf8(vault), keys: decodeDeviceKeys(keys), transportKey }
  return genesis ? { ...rows, genesis } : rows
}
