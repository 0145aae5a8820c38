import { base64url, concat, fromBase64url, hashInDomain, toCanonical } from '@muniment/crypto'
import type { Cryptography, KeyId, Random } from '@muniment/interface'

/** Random bytes of a data key's id. */
const RANDOM_LENGTH = 10
/** Bytes of its mark. */
const MARK_LENGTH = 6

/**
 * A data key's id: 10 random bytes, and 6 that mark the generation in which the key was made, told only by who knows the
 * generation's name. Who was removed does not, so a key that it left behind passes for a present one by chance in 2^48.
 */
export function newDataKeyId(
  { cryptography, random }: { readonly cryptography: Cryptography; readonly random: Random },
  generation: string,
): KeyId {
  const drawn = random(RANDOM_LENGTH)
  return base64url(concat(drawn, markOf(cryptography, drawn, generation)))
}

/** True when the key was made in that generation. */
export function isOfGeneration(cryptography: Cryptography, id: KeyId, generation: string): boolean {
  const bytes = fromBase64url(id)
  const mark = markOf(cryptography, bytes.subarray(0, RANDOM_LENGTH), generation)
  return cryptography.equal(bytes.subarray(RANDOM_LENGTH), mark)
}

function markOf(cryptography: Cryptography, drawn: Uint8Array, generation: string): Uint8Array {
  const hash = hashInDomain(cryptography, 'muniment/data-key/1', toCanonical([generation, drawn]))
  return hash.subarray(0, MARK_LENGTH)
}
