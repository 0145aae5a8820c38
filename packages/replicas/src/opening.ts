import { inDomain, open, seal, type SealComponents, utf8 } from '@muniment/crypto'
import { type Cryptography, isMunimentError, MunimentError } from '@muniment/interface'
import { MAX_OPENINGS, OPENING_DOMAIN, OPENING_SLOT, SECRET_LENGTH } from './constants.ts'

const PLACE = inDomain(OPENING_DOMAIN, utf8(''))

/**
 * An object of the smallest size that gives the replica's secret to whoever has one of the recovery keys, and shows
 * nobody else that it does, nor how many there are: sealed copies at random places among random bytes.
 */
export function sealOpening(
  components: SealComponents,
  { size, secret, recoveryKeys }: OpeningInit,
): Uint8Array {
  if (recoveryKeys.length > MAX_OPENINGS) {
    throw new MunimentError('ERR_TOO_LARGE', `a replica opens with at most ${MAX_OPENINGS} recovery keys`)
  }
  const object = components.random(size)
  const places = shuffledPlaces(components, Math.floor(size / OPENING_SLOT))
  for (const [index, key] of recoveryKeys.entries()) {
    object.set(seal(components, key, secret, PLACE), (places[index] ?? 0) * OPENING_SLOT)
  }
  return object
}

/** What an opening is made of: the bytes of the object, the secret, and the keys of 32 bytes that open it. */
export interface OpeningInit {
  readonly size: number
  readonly secret: Uint8Array
  readonly recoveryKeys: readonly Uint8Array[]
}

function shuffledPlaces({ random }: SealComponents, length: number): number[] {
  const places = Array.from({ length }, (_, index) => index)
  const drawn = random(length * 4)
  const view = new DataView(drawn.buffer, drawn.byteOffset, drawn.length)
  for (let at = length - 1; at > 0; at--) {
    const other = view.getUint32(at * 4) % (at + 1)
    ;[places[at], places[other]] = [places[other] ?? 0, places[at] ?? 0]
  }
  return places
}

/** The secret in an object made by {@link sealOpening}, or `undefined` when the key opens nothing in it. */
export function openOpening(
  cryptography: Cryptography,
  object: Uint8Array,
  recoveryKey: Uint8Array,
): Uint8Array | undefined {
  for (let at = 0; at + OPENING_SLOT <= object.length; at += OPENING_SLOT) {
    const secret = openSlot(cryptography, object.subarray(at, at + OPENING_SLOT), recoveryKey)
    if (secret?.length === SECRET_LENGTH) return secret
  }
  return undefined
}

function openSlot(cryptography: Cryptography, slot: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  try {
    return open(cryptography, key, slot, PLACE)
  } catch (error) {
    if (isMunimentError(error, 'ERR_SEAL_OPEN') || isMunimentError(error, 'ERR_MALFORMED')) return undefined
    throw error
  }
}
