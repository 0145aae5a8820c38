import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core'
import { XWing } from '@hpke/hybridkem-x-wing'
import { MunimentError } from '@muniment/interface'

/** HPKE base mode (RFC 9180) with X-Wing, HKDF-SHA-256 and AES-256-GCM. */
const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
const kem = new XWing()

/** A device's X-Wing key pair: keys sealed to the public key open only with the secret one. */
export interface AgreementKeys {
  /** 32 bytes, the seed. */
  readonly secretKey: Uint8Array
  /** 1,216 bytes. */
  readonly publicKey: Uint8Array
}

/** Something sealed to one device. */
export interface SealedToDevice {
  /** X-Wing's encapsulation, 1,120 bytes. */
  readonly encapsulated: Uint8Array
  readonly sealed: Uint8Array
}

/** The key pair of a 32-byte seed. */
export async function agreementKeys(secretKey: Uint8Array): Promise<AgreementKeys> {
  const pair = await kem.generateKeyPairDerand(secretKey)
  return { secretKey, publicKey: new Uint8Array(await kem.serializePublicKey(pair.publicKey)) }
}

/** What binds a sealing to its purpose and place: HPKE's info and associated data. */
export interface SealingPlace {
  readonly info: Uint8Array
  readonly associated: Uint8Array
}

/** Seals bytes to a device's public key. Throws `ERR_INVALID_ARGUMENT` for bytes that are no X-Wing key. */
export async function sealToDevice(
  publicKey: Uint8Array,
  plaintext: Uint8Array,
  { info, associated }: SealingPlace,
): Promise<SealedToDevice> {
  try {
    const recipientPublicKey = await kem.deserializePublicKey(publicKey)
    const { ct, enc } = await suite.seal({ recipientPublicKey, info }, plaintext, associated)
    return { encapsulated: new Uint8Array(enc), sealed: new Uint8Array(ct) }
  } catch (cause) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'a device has an agreement key that cannot be used', {
      cause,
    })
  }
}

/** Opens what {@link sealToDevice} made; `undefined` when it was not made for this key, place and purpose. */
export async function openAsDevice(
  secretKey: Uint8Array,
  { encapsulated, sealed }: SealedToDevice,
  { info, associated }: SealingPlace,
): Promise<Uint8Array | undefined> {
  try {
    const recipientKey = await kem.deserializePrivateKey(secretKey)
    return new Uint8Array(await suite.open({ recipientKey, enc: encapsulated, info }, sealed, associated))
  } catch {
    return undefined
  }
}
