import { inDomain, toCanonical } from '@muniment/crypto'
import type { VaultId } from '@muniment/interface'
import * as v from 'valibot'
import { KEYRING_PART, MAX_ADDRESS_LENGTH, MAX_ADDRESSES, MAX_KEYRING_LENGTH } from './constants.ts'
import type { EnrolledDevice } from './roster-operation.ts'
import { type GrantedRoster, grantedSchema } from './roster-rows.ts'
import { bytesOf, bytesUpTo, enrolledDevice, id32 } from './schemas.ts'

/** What the joining device sends once its person has confirmed the words: itself, and proof that the key is its own. */
export interface Joining {
  readonly device: EnrolledDevice
  readonly proof: Uint8Array
}

/** The shape of {@link Joining}. */
export const joiningSchema: v.GenericSchema<Joining> = v.strictObject({
  device: enrolledDevice,
  proof: bytesOf(64),
})

/** What the inviting device gives once both persons have confirmed the words. The keyring follows, in parts. */
export interface Grant {
  readonly vault: VaultId
  readonly roster: GrantedRoster
  readonly keyringLength: number
  readonly addresses: readonly string[]
}

/** The shape of {@link Grant}. */
export const grantSchema: v.GenericSchema<Grant> = v.strictObject({
  vault: id32,
  roster: grantedSchema,
  keyringLength: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(MAX_KEYRING_LENGTH)),
  addresses: v.pipe(v.array(v.pipe(v.string(), v.maxLength(MAX_ADDRESS_LENGTH))), v.maxLength(MAX_ADDRESSES)),
})

/** A part of the keyring; never empty, so that each brings the end nearer. */
export const keyringPartSchema: v.GenericSchema<{ part: Uint8Array }> = v.strictObject({
  part: v.pipe(
    bytesUpTo(KEYRING_PART),
    v.check((part) => part.length > 0),
  ),
})

/** The joining device's last word. */
export const receivedSchema: v.GenericSchema<{ received: true }> = v.strictObject({
  received: v.literal(true),
})

/** What the joining device signs: itself, within this pairing. */
export function joiningProof(binding: Uint8Array, device: EnrolledDevice): Uint8Array {
  return inDomain('muniment/pair-device/1', toCanonical([binding, { ...device }]))
}
