import { memoryKeyring } from 'muniment/store'
import { makeDeviceKeys } from '../src/index.ts'
import { components, type Machine, openMachine } from './person.ts'

/** A new device enrolled by another one, with what pairing would have given it. */
export async function addMachine(adder: Machine, name: string): Promise<Machine> {
  const keys = await makeDeviceKeys(components)
  const transport = `peer-${name}`
  await adder.roster.add({ id: keys.id, name, transport, agreementKey: keys.agreement.publicKey })
  await adder.keyring.renew()
  const file = memoryKeyring()
  await file.replace(adder.keyring.bytes() ?? new Uint8Array(0))
  const granted = { heads: adder.roster.heads(), devices: adder.roster.devices() }
  return openMachine({ vault: adder.roster.vault, keys, transport, file, granted })
}
