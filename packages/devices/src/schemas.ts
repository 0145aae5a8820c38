import * as v from 'valibot'
import { AGREEMENT_KEY_LENGTH, MAX_NAME_LENGTH, MAX_PEER_ID_LENGTH } from './constants.ts'

type BytesSchema = v.GenericSchema<Uint8Array>

/** Exactly so many bytes. */
export function bytesOf(length: number): BytesSchema {
  return v.pipe(
    v.instance(Uint8Array),
    v.check((bytes) => bytes.length === length),
  )
}

/** At most so many bytes. */
export function bytesUpTo(length: number): BytesSchema {
  return v.pipe(
    v.instance(Uint8Array),
    v.check((bytes) => bytes.length <= length),
  )
}

/** base64url of 32 bytes: a device id, a vault id, an epoch id, the name of a roster operation. */
export const id32: v.GenericSchema<string> = v.pipe(v.string(), v.regex(/^[\w-]{42}[AEIMQUYcgkosw048]$/u))

/** A device's name: not empty, no control characters, no characters that turn the reading direction. */
export const deviceName: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(MAX_NAME_LENGTH),
  v.regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u),
)

/** A transport peer id, not interpreted here. */
export const peerId: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.maxLength(MAX_PEER_ID_LENGTH),
  v.regex(/^[\w:.-]+$/u),
)

/** A device as the roster enrols it. */
export const enrolledDevice: v.GenericSchema<{
  id: string
  name: string
  transport: string
  agreementKey: Uint8Array
}> = v.strictObject({
  id: id32,
  name: deviceName,
  transport: peerId,
  agreementKey: bytesOf(AGREEMENT_KEY_LENGTH),
})
