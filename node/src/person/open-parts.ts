import {
  type DeviceKeys,
  type GrantedRoster,
  type Keyring,
  openKeyring,
  openOwnAgreement,
  type OwnAgreement,
  openRoster,
  type Roster,
} from '@muniment/devices'
import { isMunimentError, MunimentError, type Signer, type Store, type VaultId } from '@muniment/interface'
import { type Log, openLog } from '@muniment/log'
import { openVault, type Vault } from '@muniment/vault'
import type { Storage } from '../home/open-storage.ts'
import { nodeClock, nodeCompression, nodeCryptography, nodeRandom } from '../platform/index.ts'
import { type DeviceRows, keepDeviceRows, keysChange, readDeviceRows } from './device-rows.ts'

/** The parts of a person's device, wired and open. */
export interface PersonParts {
  readonly store: Store
  readonly vaultId: VaultId
  readonly keys: DeviceKeys
  readonly signer: Signer
  readonly transportKey: Uint8Array
  readonly roster: Roster
  readonly keyring: Keyring
  readonly log: Log
  readonly vault: Vault
  /** True when the keyring was lost: nothing may be written before another device has given it back. */
  readonly isKeyringLost: boolean
  /** Why nothing can be written for now. */
  readonly readOnly: Storage['readOnly']
  /** Reads every row and file. */
  readonly checkFolder: Storage['check']
  /** Closes them in the order that loses nothing. */
  close(): Promise<void>
}

/** What a device has beside its own keys when it opens a vault for the first time. */
export interface FirstOpening {
  /** What pairing gave. */
  readonly granted?: GrantedRoster
  /** In a restore: the kit's or the guardians' keys, which open what is not sealed to this device. */
  readonly recovery?: DeviceKeys
}

/**
 * Wires a person's device over its storage. The log is not writable yet: the device first compares its own log with
 * another device's, or knows itself alone (protocol rule 3).
 */
export async function openParts(
  storage: Storage,
  { granted, recovery }: FirstOpening = {},
): Promise<PersonParts> {
  const { store, keyringFile } = storage
  const components = { cryptography: nodeCryptography, random: nodeRandom, clock: nodeClock }
  const rows = await readDeviceRows(store)
  const { vaultId, keys, transportKey, genesis } = rows
  const signer = nodeCryptography.signer(keys.signing)
  const roster = await openRoster(
    { ...components, store },
    { vault: vaultId, device: keys.id, ...(genesis && { genesis }), ...(granted && { granted }) },
  )
  const agreement = await agreementOf(storage, rows)
  const keyring = await openKeyring({
    ...components,
    file: keyringFile,
    roster,
    keys,
    agreement,
    ...(recovery && { recovery }),
  })
  const log = await openLog(
    { ...components, store, dataKeys: keyring, members: roster, signer },
    { vault: vaultId, epoch: () => roster.epoch() },
  )
  const isNew = log.heads()[keys.id] === undefined
  if (genesis) refuseLostLog({ isNew, keyring })
  if (genesis && roster.devices().length < 2) log.knownOffline()
  await roster.follow(log)
  const isKeyringMissing = keyring.describe().epoch === undefined
  if (genesis && isNew && isKeyringMissing) await keyring.renew()
  const vault = await openVault(
    { ...components, log, dataKeys: keyring, store, compression: nodeCompression },
    { device: keys.id, clientIdOf: (device) => roster.clientIdOf(device) },
  )
  const stopWatching = keyring.onChange(() => void vault.keysChanged().catch(ignoreClosed))
  return {
    store,
    vaultId,
    keys,
    signer,
    transportKey,
    roster,
    keyring,
    log,
    vault,
    isKeyringLost: !isNew && isKeyringMissing,
    readOnly: storage.readOnly,
    checkFolder: storage.check,
    async close() {
      stopWatching()
      // The log has all that the vault's tables could not take on a full disk.
      await vault.close().catch(unlessFull)
      await store.close()
    },
  }
}

/**
 * A keyring comes after a vault's first entry. Where only the keyring is there, the disk lost the whole log, and what is
 * left must not pass for a new vault, which would write its own log a second time. Throws `ERR_STORE_DAMAGED`.
 */
function refuseLostLog({ isNew, keyring }: { readonly isNew: boolean; readonly keyring: Keyring }): void {
  if (!isNew || keyring.describe().epoch === undefined) return
  throw new MunimentError(
    'ERR_STORE_DAMAGED',
    'the disk lost everything that this device had of the vault: join it again in a new folder from another device, or restore it',
  )
}

/** The device's agreement keys: a new one is kept wherever its keys are kept. */
function agreementOf({ store, deviceFile }: Storage, rows: DeviceRows): Promise<OwnAgreement> {
  const { keys } = rows
  return openOwnAgreement(
    { store, random: nodeRandom },
    {
      newest: keys.agreement,
      changes: (newest) => [keysChange({ ...keys, agreement: newest })],
      kept: (newest) => keepDeviceRows({ ...rows, keys: { ...keys, agreement: newest } }, deviceFile),
    },
  )
}

function unlessFull(error: unknown): void {
  if (!isMunimentError(error, 'ERR_STORE_FULL')) throw error
}

/** A keyring may still change while the vault closes, or the disk is full; what it brings is taken in later. */
function ignoreClosed(error: unknown): void {
  if (!isMunimentError(error, 'ERR_STORE_CLOSED')) unlessFull(error)
}
