import { hashInDomain, toCanonical, utf8 } from '@muniment/crypto'
import type { Cryptography, DeviceId, EpochId, VaultId } from '@muniment/interface'
import { openAsDevice, sealToDevice, type SealingPlace } from './agreement.ts'
import type { DeviceKeys } from './device-keys.ts'

/** An epoch key sealed to one device. */
export interface Lockbox {
  /**
   * 16 bytes by which the device finds its own: a hash of the key's name and the device, so that a stored keyring does
   * not list the devices, and two keyrings have no label in common.
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

const INFO = utf8('muniment/lockbox/1')

/** Seals an epoch key to a device, bound to vault, epoch, key and device. */
export async function sealLockbox(
  cryptography: Cryptography,
  { epochKey, place }: { readonly epochKey: Uint8Array; readonly place: LockboxPlace },
  device: { readonly id: DeviceId; readonly agreementKey: Uint8Array },
): Promise<Lockbox> {
  const bound = boundTo(place, device.id)
  return {
    label: lockboxLabel(cryptography, place.keyId, device.id),
    ...(await sealToDevice(device.agreementKey, epochKey, bound)),
  }
}

/** The epoch key, if one of the lockboxes is for this device and opens. */
export async function openLockbox(
  cryptography: Cryptography,
  { lockboxes, place }: { readonly lockboxes: readonly Lockbox[]; readonly place: LockboxPlace },
  keys: DeviceKeys,
): Promise<Uint8Array | undefined> {
  const label = lockboxLabel(cryptography, place.keyId, keys.id)
  const mine = lockboxes.find((lockbox) => cryptography.equal(lockbox.label, label))
  return mine && openAsDevice(keys.agreement.secretKey, mine, boundTo(place, keys.id))
}

/** The label of a device's lockbox. */
export function lockboxLabel(cryptography: Cryptography, keyId: Uint8Array, device: DeviceId): Uint8Array {
  return hashInDomain(cryptography, 'muniment/lockbox-label/1', toCanonical([keyId, device])).subarray(0, 16)
}

function boundTo({ vault, epoch, keyId }: LockboxPlace, device: DeviceId): SealingPlace {
  return { info: INFO, associated: toCanonical([vault, epoch, keyId, device]) }
}
