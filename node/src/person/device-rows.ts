import { fromCanonical, fromUtf8, sameBytes, toCanonical, utf8 } from '@muniment/crypto'
import { decodeDeviceKeys, type DeviceKeys, encodeDeviceKeys } from '@muniment/devices'
import {
  isMunimentError,
  type KeyringFile,
  MunimentError,
  type Store,
  type StoreChange,
  type VaultId,
} from '@muniment/interface'
import * as v from 'valibot'

const TABLE = 'device'
const bytes = v.instance(Uint8Array)
const fileSchema = v.strictObject({
  v: v.literal(1),
  vaultId: v.string(),
  keys: bytes,
  transportKey: bytes,
  genesis: v.exactOptional(bytes),
})

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
    keysChange(keys),
    { table: TABLE, key: 'transport', value: transportKey },
    { table: TABLE, key: 'genesis', value: genesis },
  ]
}

/** The change that keeps a device's keys: its agreement key is another one after each removal. */
export function keysChange(keys: DeviceKeys): StoreChange {
  return { table: TABLE, key: 'keys', value: encodeDeviceKeys(keys) }
}

/** Reads them back; throws `ERR_STORE_DAMAGED` when one is missing. */
export async function readDeviceRows(store: Store): Promise<DeviceRows> {
  const rows = await storedRows(store)
  if (rows) return rows
  throw new MunimentError(
    'ERR_STORE_DAMAGED',
    'the keys of this device are lost from its disk, and no other has them: join the vault again from another device, or restore it',
  )
}

/** Keeps the rows once more in a file, when they are not in it yet. */
export async function keepDeviceRows(rows: DeviceRows, file: KeyringFile): Promise<void> {
  const { vaultId, keys, transportKey, genesis } = rows
  const fields = { v: 1, vaultId, keys: encodeDeviceKeys(keys), transportKey, ...(genesis && { genesis }) }
  const bytes = toCanonical(fields)
  const held = await file.read().catch(unlessDamaged)
  if (!held || !sameBytes(held, bytes)) await file.replace(bytes)
}

/**
 * Takes the rows from the file when the store has lost them, or may have gone back to older ones: the file was brought up to
 * date whenever they changed.
 */
export async function restoreDeviceRows(store: Store, file: KeyringFile): Promise<void> {
  const bytes = await file.read().catch(unlessDamaged)
  const parsed = bytes && v.safeParse(fileSchema, fromCanonical(bytes))
  if (!parsed?.success) return
  const { vaultId, keys, transportKey, genesis } = parsed.output
  const rows = { vaultId, keys: decodeDeviceKeys(keys), transportKey, ...(genesis && { genesis }) }
  await store.commit(deviceChanges(rows))
}

async function storedRows(store: Store): Promise<DeviceRows | undefined> {
  const [vault, keys, transportKey, genesis] = await Promise.all(
    ['vault', 'keys', 'transport', 'genesis'].map((name) => store.get(TABLE, name)),
  )
  if (!vault || !keys || !transportKey) return undefined
  const rows = { vaultId: fromUtf8(vault), keys: decodeDeviceKeys(keys), transportKey }
  return genesis ? { ...rows, genesis } : rows
}

function unlessDamaged(error: unknown): undefined {
  if (!isMunimentError(error, 'ERR_STORE_DAMAGED')) throw error
}
