import { signWithSlot, type Relationship, type SlotMessage, type SlotSignature } from '@muniment/identity'
import { toCanonical, uint64 } from '@muniment/crypto'
import type { Cryptography, Signer } from '@muniment/interface'

/** How a person's device speaks in one relationship (protocol rule 14). */
export interface RelationshipSigner {
  readonly relationship: Relationship
  /** This device's slot key. */
  readonly signer: Signer
  /** 32 bytes that all devices of the vault share and nobody else knows: idempotency keys come from it. */
  readonly secret: Uint8Array
}

/** What a slot signs to claim the turn: contract, number and the receipt before, and the idempotency key. */
export function claimEvent(claim: {
  readonly contract: string
  readonly n: number
  readonly previous: string | null
  readonly key: Uint8Array
}): SlotMessage {
  const { contract, n, previous, key } = claim
  return { purpose: 'muniment/contract-claim/1', bytes: toCanonical({ contract, key, n, previous }) }
}

/** What a slot signs to make the contract: hashes only, so that the evidence verifies without values. */
export function answerEvent(answer: {
  readonly contract: string
  readonly presentation: string
  readonly n: number
}): SlotMessage {
  const { contract, presentation, n } = answer
  return { purpose: 'muniment/contract-answer/1', bytes: toCanonical({ contract, n, presentation }) }
}

/** Signs an event as this device's slot of the relationship. */
export async function signEvent(
  cryptography: Cryptography,
  { relationship, signer }: RelationshipSigner,
  event: SlotMessage,
): Promise<SlotSignature> {
  return signWithSlot({ cryptography, signer }, relationship, event)
}

/** The name under which one delivery is retried: the same from every device of the vault (protocol rule 16). */
export function idempotencyKey(
  cryptography: Cryptography,
  secret: Uint8Array,
  { contract, n }: { readonly contract: string; readonly n: number },
): Uint8Array {
  return cryptography.hmacSha256(secret, toCanonical(['muniment/idempotency/1', contract]), uint64(n))
}
