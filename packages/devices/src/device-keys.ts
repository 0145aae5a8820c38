import { base64url, fromCanonical, toCanonical } from '@muniment/crypto'
import {
  type Cryptography,
  type DeviceId,
  type KeyPair,
  MunimentError,
  type Random,
} from '@muniment/interface'
import * as v from 'valibot'
import { type AgreementKeys, agreementKeys } from './agreement.ts'
import { AGREEMENT_KEY_LENGTH, AGREEMENT_SECRET_LENGTH } from './constants.ts'
import { bytesOf } from './schemas.ts'

/** What a device signs with and is sent keys with. Made on the device; it leaves it never. */
export interface DeviceKeys {
  /** base64url of the Ed25519 public key. */
  readonly id: DeviceId
  /** Ed25519: signs the device's log, roster operations and keyrings. */
  readonly signing: KeyPair
  /** X-Wing: epoch keys are sealed to it. */
  readonly agreement: AgreementKeys
}

/** Makes a new device's keys. */
export async function makeDeviceKeys(components: {
  readonly cryptography: Cryptography
  readonly random: Random
}): Promise<DeviceKeys> {
  const signing = components.cryptography.generateKeyPair('Ed25519')
  const agreement = await agreementKeys(components.random(AGREEMENT_SECRET_LENGTH))
  return { id: base64url(signing.publicKey.bytes), signing, agreement }
}

/** The keys as bytes. They hold every secret of the device: write them into a sealed store only. */
export function encodeDeviceKeys({ signing, agreement }: DeviceKeys): Uint8Array {
  return toCanonical({
    v: 1,
    signing: signing.secretKey,
    public: signing.publicKey.bytes,
    agreement: agreement.secretKey,
    agreementPublic: agreement.publicKey,
  })
}

const schema = v.strictObject({
  v: v.literal(1),
  signing: bytesOf(32),
  public: bytesOf(32),
  agreement: bytesOf(AGREEMENT_SECRET_LENGTH),
  agreementPublic: bytesOf(AGREEMENT_KEY_LENGTH),
})

/** Reads what {@link encodeDeviceKeys} wrote; throws `ERR_MALFORMED`. */
export function decodeDeviceKeys(bytes: Uint8Array): DeviceKeys {
  const parsed = v.safeParse(schema, fromCanonical(bytes))
  if (!parsed.success) throw new MunimentError('ERR_MALFORMED', 'these bytes are not the keys of a device')
  const { signing, public: publicBytes, agreement, agreementPublic } = parsed.output
  return {
    id: base64url(publicBytes),
    signing: { publicKey: { algorithm: 'Ed25519', bytes: publicBytes }, secretKey: signing },
    agreement: { secretKey: agreement, publicKey: agreementPublic },
  }
}
