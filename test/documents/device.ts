import {
  createVault,
  type DeviceKeys,
  type GrantedRoster,
  type Keyring,
  makeDeviceKeys,
  openKeyring,
  openRoster,
  type Roster,
} from '@muniment/devices'
import type { KeyringFile, Signer, Store, VaultId } from '@muniment/interface'
import { type Log, openLog } from '@muniment/log'
import { peerIdOf } from 'muniment/network'
import { nodeClock as clock, nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { memoryKeyring, openMemoryStore } from 'muniment/store'

/** The ports of this platform, under the names that the documents give them. */
export const platform = { cryptography, random, clock }

/** A device of a vault, made of the real parts over a store in memory. */
export interface TestingDevice {
  readonly vaultId: VaultId
  readonly keys: DeviceKeys
  readonly transportKey: Uint8Array
  readonly transport: string
  readonly store: Store
  readonly roster: Roster
  readonly keyring: Keyring
  readonly log: Log
  readonly signer: Signer
}

interface Opening {
  readonly vaultId: VaultId
  readonly keys: DeviceKeys
  readonly transportKey: Uint8Array
  readonly file?: KeyringFile
  readonly genesis?: Uint8Array
  readonly granted?: GrantedRoster
}

/** A store in memory. */
export function newStore(): Promise<Store> {
  return openMemoryStore({ key: random(32), cryptography, random })
}

/** The first device of a new vault. */
export async function firstDevice(): Promise<TestingDevice> {
  const transportKey = random(32)
  const made = await createVault(platform, { name: 'Laptop', transport: await peerIdOf(transportKey) })
  const device = await openDevice({ ...made, transportKey })
  await device.keyring.renew()
  return device
}

/** Another device, enrolled by one of the vault. */
export async function anotherDevice({ roster, keyring, vaultId }: TestingDevice): Promise<TestingDevice> {
  const keys = await makeDeviceKeys(platform)
  const transportKey = random(32)
  const transport = await peerIdOf(transportKey)
  await roster.add({ id: keys.id, name: 'Phone', transport, agreementKey: keys.agreement.publicKey })
  await keyring.renew()
  const file = memoryKeyring()
  await file.replace(keyring.bytes() ?? new Uint8Array(0))
  const granted = { heads: roster.heads(), devices: roster.devices() }
  return openDevice({ vaultId, keys, transportKey, file, granted })
}

async function openDevice(opening: Opening): Promise<TestingDevice> {
  const { vaultId, keys, transportKey, file = memoryKeyring(), genesis, granted } = opening
  const store = await newStore()
  const signer = cryptography.signer(keys.signing)
  const roster = await openRoster(
    { ...platform, store },
    { vault: vaultId, device: keys.id, ...(genesis && { genesis }), ...(granted && { granted }) },
  )
  const keyring = await openKeyring({ ...platform, file, roster, keys })
  const log = await openLog(
    { ...platform, store, dataKeys: keyring, members: roster, signer },
    { vault: vaultId, epoch: () => roster.epoch() },
  )
  log.knownOffline()
  await roster.follow(log)
  const transport = await peerIdOf(transportKey)
  return { vaultId, keys, transportKey, transport, store, roster, keyring, log, signer }
}
