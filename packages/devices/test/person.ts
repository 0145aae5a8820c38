import type { Clock, KeyringFile, Store } from '@muniment/interface'
import { type Log, openLog } from '@muniment/log'
import { nodeClock, nodeCryptography, nodeRandom } from 'muniment/platform'
import { memoryKeyring, openMemoryStore } from 'muniment/store'
import {
  createVault,
  type DeviceKeys,
  type GrantedRoster,
  type Keyring,
  openKeyring,
  openOwnAgreement,
  type OwnAgreement,
  openRoster,
  type Roster,
} from '../src/index.ts'
import { agreementKeys } from '../src/agreement.ts'

export const components: { cryptography: typeof nodeCryptography; random: typeof nodeRandom; clock: Clock } =
  {
    cryptography: nodeCryptography,
    random: nodeRandom,
    clock: nodeClock,
  }

/** A device with everything on it that this package and the log make of it. */
export interface Machine {
  readonly keys: DeviceKeys
  readonly transport: string
  readonly store: Store
  readonly file: KeyringFile
  readonly roster: Roster
  readonly agreement: OwnAgreement
  readonly keyring: Keyring
  readonly log: Log
}

export interface MachineInit {
  readonly vault: string
  readonly keys: DeviceKeys
  readonly transport: string
  readonly store?: Store
  readonly file?: KeyringFile
  readonly genesis?: Uint8Array
  readonly granted?: GrantedRoster
}

/** Opens a device's parts in the order in which a node does. */
export async function openMachine({
  vault,
  keys,
  transport,
  genesis,
  granted,
  ...given
}: MachineInit): Promise<Machine> {
  const store = given.store ?? (await openMemoryStore({ key: nodeRandom(32), ...components }))
  const file = given.file ?? memoryKeyring()
  const optional = { ...(genesis ? { genesis } : {}), ...(granted ? { granted } : {}) }
  const roster = await openRoster({ ...components, store }, { vault, device: keys.id, ...optional })
  const secret = await store.get('device', 'agreement')
  const agreement = await openOwnAgreement(
    { ...components, store },
    {
      newest: secret ? await agreementKeys(secret) : keys.agreement,
      changes: ({ secretKey }) => [{ table: 'device', key: 'agreement', value: secretKey }],
    },
  )
  const keyring = await openKeyring({ ...components, file, roster, keys, agreement })
  const signer = nodeCryptography.signer(keys.signing)
  const log = await openLog(
    { ...components, store, dataKeys: keyring, members: roster, signer },
    { vault, epoch: () => roster.epoch() },
  )
  log.knownOffline()
  await roster.follow(log)
  return { keys, transport, store, file, roster, agreement, keyring, log }
}

/** The first device of a new vault. */
export async function firstMachine(name: string): Promise<Machine> {
  const transport = `peer-${name}`
  const { vaultId, keys, genesis } = await createVault(components, { name, transport })
  return openMachine({ vault: vaultId, keys, transport, genesis })
}

/** Brings what one device's log has to another, as sync does. */
export async function carry(from: Machine, to: Machine): Promise<void> {
  const bundles: Uint8Array[] = []
  for await (const { bundle } of from.log.frames(to.log.seen())) bundles.push(bundle)
  await to.log.receiveAll(bundles)
}

/** Brings logs and keyrings of two devices together, both ways. */
export async function meet(left: Machine, right: Machine): Promise<void> {
  for (const [from, to] of [
    [left, right],
    [right, left],
  ] as const) {
    await carry(from, to)
    const bytes = from.keyring.bytes()
    if (bytes) await to.keyring.merge(bytes)
  }
}
