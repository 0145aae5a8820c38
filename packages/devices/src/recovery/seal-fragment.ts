import { fromCanonical, pad, toCanonical, unpad, utf8 } from '@muniment/crypto'
import { isMunimentError } from '@muniment/interface'
import * as v from 'valibot'
import { type AgreementKeys, openAsDevice, sealToDevice } from '../agreement.ts'
import { bytesOf, bytesUpTo } from '../schemas.ts'
import type { Fragment } from './fragment.ts'

/** Bytes of X-Wing's encapsulation (draft-connolly-cfrg-xwing-kem, section 5.4). */
const ENCAPSULATED_LENGTH = 1120
const MAX_SEALED_LENGTH = 1024

const INFO = utf8('muniment/sealed-fragment/1')
const schema = v.strictObject({
  v: v.literal(1),
  encapsulated: bytesOf(ENCAPSULATED_LENGTH),
  sealed: bytesUpTo(MAX_SEALED_LENGTH),
})

/**
 * Seals a fragment to a device: a guardian's, or, in a recovery, the new device that asks for it. Throws
 * `ERR_INVALID_ARGUMENT` for a public key that is none.
 */
export async function sealFragment(
  { bytes }: Pick<Fragment, 'bytes'>,
  publicKey: Uint8Array,
): Promise<Uint8Array> {
  const place = { info: INFO, associated: toCanonical([publicKey]) }
  return toCanonical({ v: 1, ...(await sealToDevice(publicKey, pad(bytes), place)) })
}

/** The fragment's bytes, for `readFragment`; `undefined` when these bytes were not sealed to this device. */
export async function openSealedFragment(
  keys: AgreementKeys,
  bytes: Uint8Array,
): Promise<Uint8Array | undefined> {
  try {
    const parsed = v.safeParse(schema, fromCanonical(bytes))
    if (!parsed.success) return undefined
    const place = { info: INFO, associated: toCanonical([keys.publicKey]) }
    const padded = await openAsDevice(keys.secretKey, parsed.output, place)
    return padded && unpad(padded)
  } catch (error) {
    if (!isMunimentError(error, 'ERR_MALFORMED')) throw error
    return undefined
  }
}
