import { fromCanonical, toCanonical } from '@muniment/crypto'
import type { DeviceId, Store } from '@muniment/interface'
import * as v from 'valibot'
import type { PersonParts } from './open-parts.ts'

const TABLE = 'device-addresses'
/** Setting under which each device tells the others where it is reached. */
const SETTING = 'device-address/'
/** Addresses kept of one device. */
const MAX_ADDRESSES = 16

const schema = v.pipe(v.array(v.pipe(v.string(), v.maxLength(512))), v.maxLength(MAX_ADDRESSES))

/** Keeps where a device was last reached; it stays on this device. */
export async function keepAddresses(
  store: Store,
  device: DeviceId,
  addresses: readonly string[],
): Promise<void> {
  await store.commit([{ table: TABLE, key: device, value: toCanonical(addresses.slice(0, MAX_ADDRESSES)) }])
}

/** Where a device was last reached. */
async function readAddresses(store: Store, device: DeviceId): Promise<readonly string[]> {
  const bytes = await store.get(TABLE, device)
  return bytes ? parseAddresses(fromCanonical(bytes)) : []
}

/** Where a device may be reached: first where it says that it is, then where it was last met. */
export async function addressesOf(
  { vault, store }: PersonParts,
  device: DeviceId,
): Promise<readonly string[]> {
  const told = parseAddresses(await vault.getSetting(SETTING + device))
  return [...new Set([...told, ...(await readAddresses(store, device))])]
}

/** Tells the other devices where this one is reached, if that is news. */
export async function announceAddresses(
  { vault, keys }: PersonParts,
  addresses: readonly string[],
): Promise<void> {
  const told = parseAddresses(await vault.getSetting(SETTING + keys.id))
  if (addresses.length === 0 || told.join() === addresses.join()) return
  await vault.putSetting(SETTING + keys.id, addresses)
}

/** Keeps on this device where another one says that it is: the vault may be closed when that is asked next. */
export async function rememberAddresses({ vault, store }: PersonParts, device: DeviceId): Promise<void> {
  const told = parseAddresses(await vault.getSetting(SETTING + device))
  if (told.length > 0) await keepAddresses(store, device, told)
}

/** The addresses in a value from outside; none when it is not a list of them. */
export function parseAddresses(value: unknown): readonly string[] {
  const parsed = v.safeParse(schema, value)
  return parsed.success ? parsed.output : []
}
