import { type CanonicalValue, fromBase64url, inDomain, toCanonical } from '@muniment/crypto'
import type { Cryptography, DeviceId, Signer, VaultId } from '@muniment/interface'
import * as v from 'valibot'
import { AGREEMENT_KEY_LENGTH, KIT_SLOTS, MAX_RETIRED } from './constants.ts'
import type { RecoveryCard, RecoveryKind } from './recovery/recovery-member.ts'
import { bytesOf, enrolledDevice, id32 } from './schemas.ts'

/** What the roster keeps of a recovery member (the kit of words, or the guardians together): no secret. */
export type RecoveryPublicKeys = Pick<RecoveryCard, 'kind' | 'id' | 'agreementKey'>

/** Where a removed device's log ends, as who removes it has it. */
export interface Cut {
  /** Its last entry that counts; 0 for none. */
  readonly seq: number
  /** The hash of the frame that ends there; no bytes for none, and where a device left by itself. */
  readonly hash: Uint8Array
}

/** The removal of one device. */
export interface Removing {
  readonly device: DeviceId
  readonly cut: Cut
  /** Names of holder keys that were on it and are to be retired: base64url of 32 bytes. */
  readonly retire: readonly string[]
}

/** A device as it is enrolled. */
interface Enrolling {
  readonly id: DeviceId
  readonly name: string
  readonly transport: string
  readonly agreementKey: Uint8Array
}

/** What one operation of a recovery member does. */
export interface KitActs {
  readonly add: readonly { readonly device: Enrolling; readonly slot: number }[]
  readonly remove: readonly Removing[]
  readonly rotate: boolean
  /** The member that takes its own place; the kit may also name the guardians. */
  readonly kit?: RecoveryPublicKeys
}

/** The shape of a {@link Removing}, without its version and place. */
export const removingEntries: {
  readonly device: v.GenericSchema<string>
  readonly cut: v.GenericSchema<Cut>
  readonly retire: v.GenericSchema<string[]>
} = {
  device: id32,
  cut: v.strictObject({
    seq: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    hash: v.union([bytesOf(32), bytesOf(0)]),
  }),
  retire: v.pipe(v.array(id32), v.maxLength(MAX_RETIRED)),
}

/** The shape of a recovery member's kind. */
export const kindSchema: v.GenericSchema<RecoveryKind> = v.picklist(['kit', 'guardians'])

/** The shape of a recovery member's public keys. */
export const kitSchema: v.GenericSchema<RecoveryPublicKeys> = v.strictObject({
  kind: kindSchema,
  id: id32,
  agreementKey: bytesOf(AGREEMENT_KEY_LENGTH),
})

/** The shape of {@link KitActs}. */
export const kitActsSchema: v.GenericSchema<KitActs> = v.strictObject({
  add: v.array(
    v.strictObject({
      device: enrolledDevice,
      slot: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(KIT_SLOTS - 1)),
    }),
  ),
  remove: v.array(v.strictObject(removingEntries)),
  rotate: v.boolean(),
  kit: v.exactOptional(kitSchema),
})

/** An operation's part that a recovery member signs: in which vault, after which operations, what. */
export interface KitSaid {
  readonly vault: VaultId
  readonly prev: readonly string[]
  readonly kind: RecoveryKind
  readonly by: string
  readonly acts: KitActs
}

/** Signs as the kit, or as the guardians. */
export function signAsKit(signer: Signer, said: KitSaid): Promise<Uint8Array> {
  return signer.sign(signedBytes(said))
}

/** True when the recovery member that `by` names signed it. */
export function isSignedByKit(cryptography: Cryptography, said: KitSaid, signature: Uint8Array): boolean {
  const publicKey = { algorithm: 'Ed25519', bytes: fromBase64url(said.by) } as const
  return cryptography.verify(publicKey, signedBytes(said), signature)
}

/** The acts as canonical bytes can hold them. */
export function plainActs({ add, remove, rotate, kit }: KitActs): {
  readonly [name: string]: CanonicalValue
} {
  return {
    add: add.map(({ device, slot }) => ({ device: { ...device }, slot })),
    remove: remove.map(plainRemoving),
    rotate,
    ...(kit ? { kit: { ...kit } } : {}),
  }
}

/** A removal as canonical bytes can hold it. */
export function plainRemoving({ device, cut, retire }: Removing): {
  readonly [name: string]: CanonicalValue
} {
  return { device, cut: { ...cut }, retire: [...retire] }
}

function signedBytes({ vault, prev, kind, by, acts }: KitSaid): Uint8Array {
  return inDomain('muniment/kit-operation/1', toCanonical({ vault, prev, kind, by, acts: plainActs(acts) }))
}
