import { concat, hashInDomain, toCanonical, utf8 } from '@muniment/crypto'
import type { Cryptography, DeviceId, EpochId, VaultId } from '@muniment/interface'
import { openAsDevice, sealToDevice, type SealingPlace } from './agreement.ts'
import type { DeviceKeys } from './device-keys.ts'

/** An epoch key sealed to one device. */
export interface Lockbox {
  /**
   * 16 bytes by which the device finds its own: hashes of the key's name and the device, and of its agreement key, so that
   * a stored keyring does not list the devices, and two keyrings have no label in common.
   */
  readonly label: Uint8Array
  readonly encapsulated: Uint8Array
  readonly sealed: Uint8Array
}

/** Which key in which epoch of which vault the lockboxes of a keyring hold. */
export interface LockboxPlace {
  readonly vault: VaultId
  readonly epoch: EpochId
  /** 16 bytes, the name of the epoch key (a hash of it). */
  readonly keyId: Uint8Array
}

/** Who an epoch key is sealed to: a device, or a recovery member. */
export interface Recipient {
  readonly id: DeviceId
  readonly agreementKey: Uint8Array
}

/** Bytes of each half of a label. */
const OWNER_LENGTH = 8

const INFO = utf8('muniment/lockbox/1')

/** Seals an epoch key to a device, bound to vault, epoch, key and device. */
export async function sealLockbox(
  cryptography: Cryptography,
  { epochKey, place }: { readonly epochKey: Uint8Array; readonly place: LockboxPlace },
  device: Recipient,
): Promise<Lockbox> {
  const bound = boundTo(place, device.id)
  return {
    label: lockboxLabel(cryptography, place.keyId, device),
    ...(await sealToDevice(device.agreementKey, epochKey, bound)),
  }
}

/** The epoch key, if one of the lockboxes is for this device and opens. */
export async function openLockbox(
  cryptography: Cryptography,
  { lockboxes, place }: { readonly lockboxes: readonly Lockbox[]; readonly place: LockboxPlace },
  keys: Pick<DeviceKeys, 'id' | 'agreement'>,
): Promise<Uint8Array | undefined> {
  const label = lockboxLabel(cryptography, place.keyId, {
    id: keys.id,
    agreementKey: keys.agreement.publicKey,
  })
  const mine = lockboxes.find((lockbox) => cryptography.equal(lockbox.label, label))
  return mine && openAsDevice(keys.agreement.secretKey, mine, boundTo(place, keys.id))
}

/** The label of a lockbox: whose it is, then for which of its agreement keys. */
export function lockboxLabel(cryptography: Cryptography, keyId: Uint8Array, to: Recipient): Uint8Array {
  const hash = hashInDomain(
    cryptography,
    'muniment/lockbox-label/1',
    toCanonical([keyId, to.id, to.agreementKey]),
  )
  return concat(ownerLabel(cryptography, keyId, to.id), hash.subarray(0, OWNER_LENGTH))
}

/** The first half of a label: whose it is, whatever its agreement key. */
export function ownerLabel(cryptography: Cryptography, keyId: Uint8Array, id: string): Uint8Array {
  return hashInDomain(cryptography, 'muniment/lockbox-owner/1', toCanonical([keyId, id])).subarray(
    0,
    OWNER_LENGTH,
  )
}

/** The first half of a lockbox's label. */
export function ownerOf({ label }: Lockbox): Uint8Array {
  return label.subarray(0, OWNER_LENGTH)
}

function boundTo({ vault, epoch, keyId }: LockboxPlace, device: DeviceId): SealingPlace {
  return { info: INFO, associated: toCanonical([vault, epoch, keyId, device]) }
}
