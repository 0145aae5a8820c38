import { concat, inDomain, open, seal, type SealComponents } from '@muniment/crypto'
import { type Cryptography, isMunimentError, MunimentError } from '@muniment/interface'
import { CAPACITIES, OBJECT_DOMAIN } from './constants.ts'
import { fromHex } from './hex.ts'
import type { ReplicaKeys } from './replica-keys.ts'

const LENGTH_BYTES = 4

/** The index of the smallest size that takes so many bytes. Throws `ERR_TOO_LARGE`. */
export function sizeFor(length: number): number {
  const size = CAPACITIES.findIndex((capacity) => length <= capacity)
  if (size !== -1) return size
  throw new MunimentError('ERR_TOO_LARGE', 'this is longer than an object of a replica')
}

/**
 * Seals content as an object of one of the fixed sizes, bound to its name: u32 length, content, zeros. Sealing adds the
 * byte that fills the last bucket, so that the sizes come out exact.
 */
export function sealObject(
  components: SealComponents,
  keys: ReplicaKeys,
  { name, content, size = sizeFor(content.length) }: SealedContent,
): Uint8Array {
  const filled = new Uint8Array((CAPACITIES[size] ?? 0) + LENGTH_BYTES)
  new DataView(filled.buffer).setUint32(0, content.length)
  filled.set(content, LENGTH_BYTES)
  return seal(components, keys.seal, filled, placeOf(name))
}

/** Content to seal; `size` is the index of the size, by default the smallest. */
export interface SealedContent {
  readonly name: string
  readonly content: Uint8Array
  readonly size?: number
}

/** Opens what {@link sealObject} made for that name; throws `ERR_REPLICA_DAMAGED` for anything else. */
export function openObject(
  cryptography: Cryptography,
  keys: ReplicaKeys,
  name: string,
  bytes: Uint8Array,
): Uint8Array {
  try {
    const filled = open(cryptography, keys.seal, bytes, placeOf(name))
    const length = new DataView(filled.buffer, filled.byteOffset, filled.length).getUint32(0)
    if (length <= filled.length - LENGTH_BYTES) return filled.subarray(LENGTH_BYTES, LENGTH_BYTES + length)
  } catch (error) {
    if (!(isMunimentError(error) || error instanceof RangeError)) throw error
  }
  throw new MunimentError(
    'ERR_REPLICA_DAMAGED',
    'an object of the replica is not what was written under its name',
  )
}

function placeOf(name: string): Uint8Array {
  return inDomain(OBJECT_DOMAIN, concat(fromHex(name)))
}
