import {
  base64url,
  deriveKey,
  fromBase64url,
  fromCanonical,
  hashInDomain,
  toCanonical,
} from '@muniment/crypto'
import { type Cryptography, type DeviceId, type Milliseconds, MunimentError } from '@muniment/interface'
import { ed25519 } from '@noble/curves/ed25519.js'
import * as v from 'valibot'
import { agreementKeys } from '../agreement.ts'
import { AGREEMENT_KEY_LENGTH } from '../constants.ts'
import type { DeviceKeys } from '../device-keys.ts'
import { bytesOf, id32 } from '../schemas.ts'
import { RECOVERY_SECRET_LENGTH } from './constants.ts'

/** What restores a vault when every device is lost: 24 words on paper, or enough guardians together. */
export type RecoveryKind = 'kit' | 'guardians'

/** A recovery member with its secrets, derived anew from words or fragments and never stored. */
export interface RecoveryMember {
  readonly kind: RecoveryKind
  /** What it signs roster operations with, and what keyrings are sealed to: as a device's. */
  readonly keys: DeviceKeys
  /** By which a person knows it, e.g. `3F9A-22C1-07B4`: a hash of the public key, 48 bits. */
  readonly keyId: string
  /** 32 bytes that find and open the place in each replica where its secret is kept for recovery. */
  readonly replicaKey: Uint8Array
}

/** What the vault's devices keep of a recovery member: enough to seal to it, nothing that opens a keyring. */
export interface RecoveryCard {
  readonly kind: RecoveryKind
  /** base64url of its Ed25519 public key. */
  readonly id: DeviceId
  readonly keyId: string
  /** Its X-Wing public key, 1,216 bytes. */
  readonly agreementKey: Uint8Array
  /** See {@link RecoveryMember.replicaKey}. */
  readonly replicaKey: Uint8Array
  readonly madeAt: Milliseconds
}

/**
 * Derives a recovery member from its secret of 32 bytes. A kit's secret and a guardians' secret give nothing in common,
 * even were they the same bytes. Throws `ERR_INVALID_ARGUMENT`.
 */
export async function recoveryMember(
  { cryptography }: { readonly cryptography: Cryptography },
  { kind, secret }: { readonly kind: RecoveryKind; readonly secret: Uint8Array },
): Promise<RecoveryMember> {
  const signing = signingKeys(cryptography, kind, secret)
  const id = base64url(signing.publicKey.bytes)
  const agreement = await agreementKeys(
    deriveKey(cryptography, secret, `muniment/recovery-agreement/1/${kind}`),
  )
  return {
    kind,
    keys: { id, signing, agreement },
    keyId: recoveryKeyId(cryptography, id),
    replicaKey: deriveKey(cryptography, secret, `muniment/recovery-replica/1/${kind}`),
  }
}

/** The key id of the member that a secret gives, without deriving the rest: to compare with what a page says. */
export function keyIdOfSecret(cryptography: Cryptography, kind: RecoveryKind, secret: Uint8Array): string {
  return recoveryKeyId(cryptography, base64url(signingKeys(cryptography, kind, secret).publicKey.bytes))
}

/** The printed key id of a member's id: 12 hexadecimal digits in groups of four. */
export function recoveryKeyId(cryptography: Cryptography, id: DeviceId): string {
  const hash = hashInDomain(cryptography, 'muniment/recovery-key-id/1', fromBase64url(id)).subarray(0, 6)
  const digits = [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return groupedKeyId(digits)
}

/** A key id in its one form, from what a person typed: any case, any spaces and dashes. */
export function readKeyId(typed: string): string {
  return groupedKeyId(typed.replaceAll(/[^\da-f]/giu, ''))
}

function groupedKeyId(digits: string): string {
  return digits.toUpperCase().replaceAll(/(.{4})(?=.)/gu, '$1-')
}

function signingKeys(
  cryptography: Cryptography,
  kind: RecoveryKind,
  secret: Uint8Array,
): DeviceKeys['signing'] {
  if (secret.length !== RECOVERY_SECRET_LENGTH) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'the secret of a recovery member has 32 bytes')
  }
  const secretKey = deriveKey(cryptography, secret, `muniment/recovery-signing/1/${kind}`)
  return { publicKey: { algorithm: 'Ed25519', bytes: ed25519.getPublicKey(secretKey) }, secretKey }
}

/** What the devices keep of a member. */
export function recoveryCard(
  { kind, keys, keyId, replicaKey }: RecoveryMember,
  madeAt: Milliseconds,
): RecoveryCard {
  return { kind, id: keys.id, keyId, agreementKey: keys.agreement.publicKey, replicaKey, madeAt }
}

const cardSchema = v.strictObject({
  v: v.literal(1),
  kind: v.picklist(['kit', 'guardians']),
  id: id32,
  keyId: v.pipe(v.string(), v.regex(/^[\dA-F]{4}-[\dA-F]{4}-[\dA-F]{4}$/u)),
  agreementKey: bytesOf(AGREEMENT_KEY_LENGTH),
  replicaKey: bytesOf(RECOVERY_SECRET_LENGTH),
  madeAt: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
})

/** The card as bytes, for a sealed place: it lets its holder find the vault's replicas. */
export function encodeRecoveryCard(card: RecoveryCard): Uint8Array {
  return toCanonical({ v: 1, ...card })
}

/** Reads what {@link encodeRecoveryCard} wrote; throws `ERR_MALFORMED`. */
export function decodeRecoveryCard(bytes: Uint8Array): RecoveryCard {
  const parsed = v.safeParse(cardSchema, fromCanonical(bytes))
  if (!parsed.success)
    throw new MunimentError('ERR_MALFORMED', 'these bytes do not describe a recovery member')
  const { v: _version, ...card } = parsed.output
  return card
}
