import {
  createVault,
  type DeviceKeys,
  type GrantedRoster,
  invite,
  join,
  type Keyring,
  openKeyring,
  openRoster,
  readInvitation,
  type Roster,
} from '@muniment/devices'
import type { Signer } from '@muniment/interface'
import { type Log, openLog } from '@muniment/log'
import { memoryChannelPair } from '../../src/network/index.ts'
import { nodeClock, nodeCryptography, nodeRandom } from '../../src/platform/index.ts'
import { memoryKeyring, openMemoryStore } from '../../src/store/index.ts'

/** The cryptography and the chance of this machine. */
export const chance: { readonly cryptography: typeof nodeCryptography; readonly random: typeof nodeRandom } =
  {
    cryptography: nodeCryptography,
    random: nodeRandom,
  }

/** A device in memory, up to its log. Its peer id is `peer-` and its name. */
export interface DeviceInMemory {
  readonly name: string
  readonly keys: DeviceKeys
  readonly signer: Signer
  readonly roster: Roster
  readonly keyring: Keyring
  readonly log: Log
}

interface Opening {
  readonly name: string
  readonly vaultId: string
  readonly keys: DeviceKeys
  readonly genesis?: Uint8Array
  readonly granted?: GrantedRoster
  readonly keyringBytes?: Uint8Array
}

async function openDevice({ name, vaultId, keys, keyringBytes, ...init }: Opening): Promise<DeviceInMemory> {
  const components = { ...chance, clock: nodeClock }
  const store = await openMemoryStore({ key: nodeRandom(32), ...chance })
  const file = memoryKeyring()
  if (keyringBytes) await file.replace(keyringBytes)
  const roster = await openRoster({ ...components, store }, { vault: vaultId, device: keys.id, ...init })
  const keyring = await openKeyring({ ...components, file, roster, keys })
  const signer = nodeCryptography.signer(keys.signing)
  const log = await openLog(
    { ...components, store, dataKeys: keyring, members: roster, signer },
    { vault: vaultId, epoch: () => roster.epoch() },
  )
  log.knownOffline()
  await roster.follow(log)
  return { name, keys, signer, roster, keyring, log }
}

/** The first device of a new vault. */
export async function firstDevice(name: string): Promise<DeviceInMemory> {
  const transport = `peer-${name}`
  const created = await createVault(chance, { name, transport })
  return openDevice({ name, ...created })
}

/** Another device, which joined by an invitation of this one. */
export async function pairedWith(inviter: DeviceInMemory, name: string): Promise<DeviceInMemory> {
  const components = { ...chance, clock: nodeClock }
  const invitation = invite(
    { ...components, roster: inviter.roster, keyring: inviter.keyring },
    { addresses: [] },
  )
  const [here, there] = memoryChannelPair({ peers: [`peer-${inviter.name}`, `peer-${name}`] })
  const confirmWords = (): boolean => true
  const [, joined] = await Promise.all([
    invitation.accept(here, { confirmWords }),
    join(there, components, { secret: readInvitation(invitation.code).secret, name, confirmWords }),
  ])
  const { vaultId, keys, granted, keyring } = joined
  return openDevice({ name, vaultId, keys, granted, keyringBytes: keyring })
}
