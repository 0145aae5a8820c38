import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import {
  createVault,
  type DeviceKeys,
  type GrantedRoster,
  invite,
  join,
  openKeyring,
  openOwnAgreement,
  openRoster,
  readInvitation,
} from '@muniment/devices'
import type { Clock, KeyringFile, VaultId } from '@muniment/interface'
import { openLog } from '@muniment/log'
import { openVault } from '@muniment/vault'
import { memoryChannelPair } from 'muniment/network'
import { nodeCompression, nodeCryptography, nodeRandom } from 'muniment/platform'
import { fileKeyring, openLevelStore } from 'muniment/store'
import { agreementKeys } from '../../packages/devices/src/agreement.ts'
import { virtualTime } from './virtual-clock.ts'

const PLATFORM = { cryptography: nodeCryptography, random: nodeRandom }

/** What a device is apart from its folder's content: it outlives a restart. */
interface Identity {
  readonly vaultId: VaultId
  readonly keys: DeviceKeys
  readonly genesis?: Uint8Array
  readonly granted?: GrantedRoster
  readonly folder: string
  readonly key: Uint8Array
  readonly clock: Clock & { skew: number }
}

/** A device as the product wires it, on a Level of its own, with a clock that the test moves. */
export type HouseholdDevice = Awaited<ReturnType<typeof start>>

async function start(identity: Identity) {
  const { vaultId, keys, folder, key, clock, genesis, granted } = identity
  const store = await openLevelStore(joinPath(folder, 'store'), { ...PLATFORM, key })
  const file = keyringFileOf(identity)
  const signer = nodeCryptography.signer(keys.signing)
  const roster = await openRoster(
    { ...PLATFORM, store },
    { vault: vaultId, device: keys.id, ...(genesis && { genesis }), ...(granted && { granted }) },
  )
  const secret = await store.get('device', 'agreement')
  const agreement = await openOwnAgreement(
    { ...PLATFORM, store },
    {
      newest: secret ? await agreementKeys(secret) : keys.agreement,
      changes: ({ secretKey }) => [{ table: 'device', key: 'agreement', value: secretKey }],
    },
  )
  const keyring = await openKeyring({ ...PLATFORM, file, roster, keys, agreement })
  const log = await openLog(
    { ...PLATFORM, store, dataKeys: keyring, members: roster, signer },
    { vault: vaultId, epoch: () => roster.epoch() },
  )
  log.knownOffline()
  await roster.follow(log)
  if (genesis && keyring.describe().epoch === undefined) await keyring.renew()
  const vault = await openVault(
    { ...PLATFORM, log, dataKeys: keyring, store, clock, compression: nodeCompression },
    { device: keys.id, clientIdOf: (device) => roster.clientIdOf(device) },
  )
  keyring.onChange(() => void vault.keysChanged().catch(() => undefined))
  return {
    id: keys.id,
    clock,
    identity,
    roster,
    keyring,
    log,
    vault,
    sync: { ...PLATFORM, log, roster, keyring, clock, signer },
    get peer() {
      return roster.device(keys.id)?.transport ?? `peer-${keys.id}`
    },
    /** Ends it, with everything on disk. */
    async close() {
      await vault.close()
      await store.close()
    },
  }
}

const keyringFileOf = ({ folder, key }: Pick<Identity, 'folder' | 'key'>): KeyringFile =>
  fileKeyring(joinPath(folder, 'keyring'), { ...PLATFORM, key })

/** One person's devices and the time that passes for all of them. */
export interface Household {
  readonly devices: HouseholdDevice[]
  pass(duration: number): void
  /** Closes a device and opens it again on what its disk holds. */
  restart(index: number): Promise<HouseholdDevice>
  /** A second machine with a copy of this one's disk: both go on from there. */
  copy(index: number): Promise<HouseholdDevice>
  /** Closes all of them and takes their folders away. */
  end(): Promise<void>
}

/** A vault with so many devices, all paired by the first. */
export async function household(count: number): Promise<Household> {
  const root = await mkdtemp(joinPath(tmpdir(), 'household-'))
  const time = virtualTime()
  const place = (name: string): Pick<Identity, 'folder' | 'key' | 'clock'> => ({
    folder: joinPath(root, name),
    key: nodeRandom(32),
    clock: time.clock(),
  })
  const first = await createVault(PLATFORM, { name: 'device 0', transport: 'peer-0' })
  const devices = [await start({ ...first, ...place('0') })]
  for (let index = 1; index < count; index++) {
    const identity = { ...(await paired(nth(devices, 0), index)), ...place(`${index}`) }
    await keyringFileOf(identity).replace(identity.keyring)
    devices.push(await start(identity))
  }
  const copies: HouseholdDevice[] = []
  const restart = async (index: number): Promise<HouseholdDevice> => {
    const device = nth(devices, index)
    await device.close()
    return (devices[index] = await start(device.identity))
  }
  return {
    devices,
    pass: (duration) => time.pass(duration),
    restart,
    async copy(index) {
      const { identity } = nth(devices, index)
      await nth(devices, index).close()
      const folder = `${identity.folder}-copy-${copies.length}`
      await cp(identity.folder, folder, { recursive: true })
      devices[index] = await start(identity)
      const copy = await start({ ...identity, folder, clock: time.clock() })
      copies.push(copy)
      return copy
    },
    async end() {
      for (const device of [...devices, ...copies]) await device.close()
      await rm(root, { recursive: true })
    },
  }
}

async function paired(
  inviter: HouseholdDevice,
  index: number,
): Promise<Pick<Identity, 'vaultId' | 'keys' | 'granted'> & { readonly keyring: Uint8Array }> {
  const { clock } = inviter
  const confirmWords = async (): Promise<boolean> => true
  const [here, there] = memoryChannelPair({ peers: [inviter.peer, `peer-${index}`] })
  const invitation = invite(
    { ...PLATFORM, clock, roster: inviter.roster, keyring: inviter.keyring },
    { addresses: [] },
  )
  const { secret } = readInvitation(invitation.code)
  const [joined] = await Promise.all([
    join(there, { ...PLATFORM, clock }, { secret, name: `device ${index}`, confirmWords }),
    invitation.accept(here, { confirmWords }),
  ])
  return joined
}

/** The item of that index. Throws when there is none. */
export function nth<T>(items: readonly T[], index: number): T {
  const item = items[index]
  if (item === undefined) throw new RangeError(`there is no item ${index} of ${items.length}`)
  return item
}

/** Everything that is listed. */
export async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
