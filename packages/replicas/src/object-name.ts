import { concat, inDomain, utf8 } from '@muniment/crypto'
import type { Cryptography } from '@muniment/interface'
import { FULL_NAME_LENGTH, NAME_DOMAIN, NAME_LENGTH, OPENING_DOMAIN, TAG_DOMAIN } from './constants.ts'
import { fromHex, hex } from './hex.ts'
import type { ReplicaKeys } from './replica-keys.ts'

/**
 * The name of an object: HMAC of its content, then a mark that the replica's owner recognises and nobody else. So a listing
 * tells its owner which objects are of this vault, whoever else writes there. The first byte is 0 for a head and never
 * for a pack.
 */
export function objectName(
  cryptography: Cryptography,
  keys: ReplicaKeys,
  { content, isHead }: { readonly content: Uint8Array; readonly isHead: boolean },
): string {
  const name = cryptography.hmacSha256(keys.name, inDomain(NAME_DOMAIN, content)).slice(0, NAME_LENGTH)
  name[0] = isHead ? 0 : (name[0] ?? 0) === 0 ? 1 : (name[0] ?? 1)
  return marked(cryptography, keys, name)
}

/** The name of the one object that recovery keys open. It follows from the secret alone. */
export function openingName(cryptography: Cryptography, keys: ReplicaKeys): string {
  return objectName(cryptography, keys, { content: utf8(OPENING_DOMAIN), isHead: true })
}

/** True for a name that only who knows the replica's secret could have given. */
export function isOwnName(cryptography: Cryptography, keys: ReplicaKeys, name: string): boolean {
  return marked(cryptography, keys, fromHex(name).subarray(0, NAME_LENGTH)) === name
}

function marked(cryptography: Cryptography, { tag }: ReplicaKeys, name: Uint8Array): string {
  const mark = cryptography.hmacSha256(tag, inDomain(TAG_DOMAIN, name))
  return hex(concat(name, mark.subarray(0, FULL_NAME_LENGTH - NAME_LENGTH)))
}
