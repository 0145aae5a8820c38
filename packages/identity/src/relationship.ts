import { base64url, fromBase64url, hashInDomain, sameBytes } from '@muniment/crypto'
import { type Cryptography, type Did, MunimentError, type PublicKey, type Random } from '@muniment/interface'
import * as v from 'valibot'
import { didPeer4, type DidPeer4, parseDidPeer4 } from './did-peer-4.ts'

/** Slots of a relationship: padded, so that an organisation does not learn how many devices there are (rule 14). */
export const SLOT_COUNT = 8
/** The slot of the recovery kit, which outranks every device (rule 7). Devices follow in order of enrolment. */
export const KIT_SLOT = 0

const HASH_LENGTH = 32
const SLOT_DOMAIN = 'muniment/slot-key/1'

/**
 * A relationship with one organisation: a did:peer (numalgo 4) that commits to the hashes of the keys that may speak
 * for the person there.
 */
export interface Relationship {
  /** The long form: shown at first contact, it carries the slots. */
  readonly did: Did
  /** The short form: what messages name it by. */
  readonly shortDid: Did
  /** `SLOT_COUNT` hashes of slot keys in order of authority, base64url of 32 bytes each. */
  readonly slots: readonly string[]
}

/** Whose keys stand in a new relationship. All of them are made for this relationship and used in no other. */
export interface RelationshipKeys {
  /** The recovery kit's key. Where there is no kit yet, its slot is random like any empty one. */
  readonly kit?: PublicKey
  /** The devices' keys in order of enrolment, at most seven. */
  readonly devices: readonly PublicKey[]
}

/**
 * Makes a relationship DID: one slot for the kit, one for each device, the rest random (rule 14). Throws `ERR_TOO_LARGE`
 * for more devices than there are slots, `ERR_INVALID_ARGUMENT` for a key that stands in two slots.
 */
export function createRelationship(
  { cryptography, random }: { readonly cryptography: Cryptography; readonly random: Random },
  { kit, devices }: RelationshipKeys,
): Relationship {
  if (devices.length >= SLOT_COUNT) {
    throw new MunimentError('ERR_TOO_LARGE', `a relationship has room for ${SLOT_COUNT - 1} devices`)
  }
  const hashes = [kit, ...devices].map((key) =>
    key ? slotHash(cryptography, key) : base64url(random(HASH_LENGTH)),
  )
  while (hashes.length < SLOT_COUNT) hashes.push(base64url(random(HASH_LENGTH)))
  if (new Set(hashes).size !== SLOT_COUNT) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'a key has one slot only')
  }
  const { long, short } = didPeer4(cryptography, { relationship: { v: 1, slots: hashes } })
  return { did: long, shortDid: short, slots: hashes }
}

const SLOT = v.pipe(v.string(), v.length(43), v.check(isHash))
const DOCUMENT = v.strictObject({
  relationship: v.strictObject({
    v: v.literal(1),
    slots: v.pipe(
      v.array(SLOT),
      v.length(SLOT_COUNT),
      v.check((slots) => new Set(slots).size === SLOT_COUNT),
    ),
  }),
})

/** Reads a relationship out of the long form of its DID; throws `ERR_MALFORMED` for any other DID. */
export function parseRelationship(cryptography: Cryptography, did: Did): Relationship {
  const peer: DidPeer4 & { readonly document: unknown } = parseDidPeer4(cryptography, did)
  const parsed = v.safeParse(DOCUMENT, peer.document)
  if (!parsed.success) throw new MunimentError('ERR_MALFORMED', 'this DID is not that of a relationship')
  return { did: peer.long, shortDid: peer.short, slots: parsed.output.relationship.slots }
}

/** The number of the slot that a key fills, or `undefined` when it has none. */
export function slotOf(
  cryptography: Cryptography,
  relationship: Relationship,
  key: PublicKey,
): number | undefined {
  const slot = relationship.slots.indexOf(slotHash(cryptography, key))
  return slot < 0 ? undefined : slot
}

function slotHash(cryptography: Cryptography, { algorithm, bytes }: PublicKey): string {
  if (algorithm !== 'Ed25519' || bytes.length !== 32) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'a slot key is an Ed25519 key')
  }
  return base64url(hashInDomain(cryptography, SLOT_DOMAIN, bytes))
}

function isHash(text: string): boolean {
  try {
    const bytes = fromBase64url(text)
    return bytes.length === HASH_LENGTH && !sameBytes(bytes, new Uint8Array(HASH_LENGTH))
  } catch {
    return false
  }
}
