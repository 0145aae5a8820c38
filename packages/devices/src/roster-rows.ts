import { fromCanonical, toCanonical } from '@muniment/crypto'
import { type DeviceId, MunimentError, type Store, type StoreChange } from '@muniment/interface'
import * as v from 'valibot'
import { MAX_CLIENT_ID, MAX_DEVICES, MAX_HEADS, MAX_OPERATION_LENGTH } from './constants.ts'
import type { RosterDevice } from './resolve-roster.ts'
import { bytesOf, bytesUpTo, deviceName, id32, peerId } from './schemas.ts'
import { AGREEMENT_KEY_LENGTH } from './constants.ts'

/** A roster entry as it is kept: whose log carried it, where, and its bytes. */
export interface KeptOperation {
  readonly author: DeviceId
  readonly seq: number
  readonly bytes: Uint8Array
}

/**
 * The roster as the inviting device gave it at pairing. It is believed until the roster itself has arrived by sync and
 * enrols this device, from a first operation that hashes to the vault's id.
 */
export interface GrantedRoster {
  readonly heads: readonly string[]
  readonly devices: readonly RosterDevice[]
}

const OPERATIONS = 'roster/operations'
const READ = 'roster/read'
const GRANTED = 'roster/granted'
const ONLY = 'roster'

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const keptSchema = v.strictObject({ author: id32, seq: count, bytes: bytesUpTo(MAX_OPERATION_LENGTH) })

/** A granted roster, as pairing carries it and the store keeps it. */
export const grantedSchema: v.GenericSchema<{ heads: string[]; devices: RosterDevice[] }> = v.strictObject({
  heads: v.pipe(v.array(id32), v.minLength(1), v.maxLength(MAX_HEADS)),
  devices: v.pipe(
    v.array(
      v.strictObject({
        id: id32,
        name: deviceName,
        transport: peerId,
        agreementKey: bytesOf(AGREEMENT_KEY_LENGTH),
        clientId: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(MAX_CLIENT_ID)),
        addedBy: id32,
      }),
    ),
    v.minLength(2),
    v.maxLength(MAX_DEVICES),
  ),
})

/** The change that keeps an operation. */
export function operationChange(id: string, kept: KeptOperation): StoreChange {
  return { table: OPERATIONS, key: id, value: toCanonical({ ...kept }) }
}

/** The change that notes how far a device's log was read for operations. */
export function readChange(device: DeviceId, seq: number): StoreChange {
  return { table: READ, key: device, value: toCanonical(seq) }
}

/** The changes after which every log is read for operations again, when the roster is opened the next time. */
export async function rereadChanges(store: Store): Promise<readonly StoreChange[]> {
  const changes: StoreChange[] = []
  for await (const { key } of store.listNames(READ)) changes.push({ table: READ, key, value: undefined })
  return changes
}

/** The change that keeps what was granted at pairing. */
export function grantedChange(granted: GrantedRoster): StoreChange {
  return { table: GRANTED, key: ONLY, value: toCanonical(plainGranted(granted)) }
}

/** The granted roster as canonical bytes can hold it. */
export function plainGranted({ heads, devices }: GrantedRoster): {
  readonly heads: readonly string[]
  readonly devices: readonly { readonly [name: string]: string | number | Uint8Array }[]
} {
  return { heads, devices: devices.map((device) => ({ ...device })) }
}

/** What the store has of the roster. */
export interface StoredRoster {
  readonly operations: ReadonlyMap<string, KeptOperation>
  readonly read: ReadonlyMap<DeviceId, number>
  readonly granted: GrantedRoster | undefined
}

/** Reads all of it; throws `ERR_STORE_DAMAGED`. */
export async function readStoredRoster(store: Store): Promise<StoredRoster> {
  const operations = new Map<string, KeptOperation>()
  for await (const { key, value } of store.listNames(OPERATIONS))
    operations.set(key, parsed(keptSchema, value))
  const read = new Map<DeviceId, number>()
  for await (const { key, value } of store.listNames(READ)) read.set(key, parsed(count, value))
  const granted = await store.get(GRANTED, ONLY)
  return { operations, read, granted: granted && parsed(grantedSchema, granted) }
}

function parsed<T>(schema: v.GenericSchema<T>, value: Uint8Array): T {
  const result = v.safeParse(schema, fromCanonical(value))
  if (!result.success)
    throw new MunimentError('ERR_STORE_DAMAGED', 'a stored part of the roster is not what was written')
  return result.output
}
