import { base64url, fromBase64url, inDomain, toCanonical } from '@muniment/crypto'
import { type Cryptography, MunimentError, type Outcome, type Signer } from '@muniment/interface'
import * as v from 'valibot'
import { type Relationship, SLOT_COUNT, slotOf } from './relationship.ts'

const DOMAIN = 'muniment/slot-signature/1'

/** A slot's signature over a contract event: the key shows itself, and the DID's state shows that it may. */
export interface SlotSignature {
  /** The slot's number, 0 to 7. */
  readonly slot: number
  /** The slot's Ed25519 public key, base64url. */
  readonly key: string
  /** 64 bytes, base64url. */
  readonly signature: string
}

/** What is signed: bytes with the name of their purpose, e.g. `muniment/contract/1`. */
export interface SlotMessage {
  readonly purpose: string
  readonly bytes: Uint8Array
}

/** Signs as this device's slot. Throws `ERR_KEY_UNKNOWN` when the key fills no slot of the relationship. */
export async function signWithSlot(
  components: { readonly cryptography: Cryptography; readonly signer: Signer },
  relationship: Relationship,
  message: SlotMessage,
): Promise<SlotSignature> {
  const { cryptography, signer } = components
  const slot = slotOf(cryptography, relationship, signer.publicKey)
  if (slot === undefined) {
    throw new MunimentError('ERR_KEY_UNKNOWN', 'this key fills no slot of the relationship')
  }
  const signature = await signer.sign(signedBytes(relationship, slot, message))
  return { slot, key: base64url(signer.publicKey.bytes), signature: base64url(signature) }
}

const BYTES = (length: number): v.GenericSchema<string> =>
  v.pipe(
    v.string(),
    v.check((text) => decoded(text)?.length === length),
  )
const SLOT_SIGNATURE = v.strictObject({
  slot: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(SLOT_COUNT - 1)),
  key: BYTES(32),
  signature: BYTES(64),
})

/** Reads a slot signature that came from outside; throws `ERR_MALFORMED`. */
export function parseSlotSignature(value: unknown): SlotSignature {
  const parsed = v.safeParse(SLOT_SIGNATURE, value)
  if (!parsed.success) throw new MunimentError('ERR_MALFORMED', 'this is not a slot signature')
  return parsed.output
}

/**
 * Checks that a slot of the relationship signed the message. Problems: `slot_malformed`, `slot_unknown` (the key does not fill the slot
 * it names) and `slot_signature`.
 */
export function verifySlotSignature(
  cryptography: Cryptography,
  relationship: Relationship,
  message: SlotMessage,
  signature: SlotSignature,
): Outcome<{ readonly slot: number }> {
  const key = decoded(signature.key)
  const bytes = decoded(signature.signature)
  if (key?.length !== 32 || bytes?.length !== 64)
    return refused('slot_malformed', 'this is not a slot signature')
  const publicKey = { algorithm: 'Ed25519', bytes: key } as const
  if (slotOf(cryptography, relationship, publicKey) !== signature.slot) {
    return refused('slot_unknown', 'the key does not fill this slot of the relationship')
  }
  if (!cryptography.verify(publicKey, signedBytes(relationship, signature.slot, message), bytes)) {
    return refused('slot_signature', 'the signature of the relationship is wrong')
  }
  return { ok: true, slot: signature.slot }
}

/** The short DID is in the bytes, so a signature made for one organisation means nothing at another. */
function signedBytes({ shortDid }: Relationship, slot: number, { purpose, bytes }: SlotMessage): Uint8Array {
  return inDomain(DOMAIN, toCanonical({ bytes, did: shortDid, purpose, slot }))
}

function decoded(text: string): Uint8Array | undefined {
  try {
    return fromBase64url(text)
  } catch {
    return undefined
  }
}

function refused(code: string, message: string): Outcome<{ readonly slot: number }> {
  return { ok: false, problems: [{ code, message }] }
}
