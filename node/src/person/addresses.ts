import { fromCanonical, toCanonical } from '@muniment/crypto'
import type { DeviceId, Store } from '@muniment/interface'
import * as v from 'valibot'

const TABLE = 'device-addresses'
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
export async function readAddresses(store: Store, device: DeviceId): Promise<readonly string[]> {
  const bytes = await store.get(TABLE, device)
  return bytes ? parseAddresses(fromCanonical(bytes)) : []
}

/** The addresses in a value from outside; none when it is not a list of them. */
export function parseAddresses(value: unknown): readonly string[] {
  const parsed = v.safeParse(schema, value)
  return parsed.success ? parsed.output : []
}
