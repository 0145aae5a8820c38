import { parseRelationship, type Relationship, verifySlotSignature } from '@muniment/identity'
import { sameBytes } from '@muniment/crypto'
import { agree } from './agree.ts'
import { CLOCK_SKEW_SECONDS } from './constants.ts'
import type { DeskComponents } from './desk-components.ts'
import type { Claim, ExchangeRecord } from './exchange-record.ts'
import type { ExchangeStore } from './exchange-store.ts'
import { type ClaimMessage, type RefusedCode, type Reply, TOKEN_LENGTH } from './messages.ts'
import { ifWellFormed } from './outcome.ts'
import { claimEvent } from './slot-events.ts'
import type { Offer } from './verify-offer.ts'

/**
 * Gives the turn to deliver (protocol rule 16): checks what is claimed, without any value, and answers with a fencing
 * token, or with the stored receipt for what was delivered before. A claim by another device fences the earlier one.
 */
export async function takeClaim(
  components: DeskComponents,
  exchanges: ExchangeStore,
  message: ClaimMessage,
): Promise<Reply> {
  const found = await exchanges.load(message.id)
  if (!found) return refuse('unknown_request')
  const { record, offer } = found
  const checked = checkClaim(components, offer, message)
  if ('refused' in checked) return checked
  const { contract, relationship } = checked
  const mine = turnOf(record, contract, message)
  if (mine && record.receipt !== undefined) return { receipt: record.receipt }
  const reason = reasonAgainst(record, message, {
    isMine: mine !== undefined,
    isExpired: isExpired(components, offer),
  })
  if (reason === 'expired') await exchanges.save(message.id, { ...record, state: 'lapsed' })
  if (reason) return refuse(reason)
  const head = await exchanges.ledger.head(relationship.shortDid)
  const cut = { length: head.length, head: head.hash }
  if (mine?.slotKey === message.slot.key) return { token: mine.token, cut }
  const claim = newClaim(components, contract, message)
  await exchanges.save(message.id, claimed(record, claim))
  return { token: claim.token, cut }
}

/** The claim that stands, if it is for the same contract under the same key: the same person, perhaps another device. */
function turnOf({ claim }: ExchangeRecord, contract: string, { key }: ClaimMessage): Claim | undefined {
  return claim && claim.contract === contract && sameBytes(claim.key, key) ? claim : undefined
}

/** Why no turn is given. Pausing and withdrawing will speak here. */
function reasonAgainst(
  { state }: ExchangeRecord,
  { n, previous }: ClaimMessage,
  { isMine, isExpired }: { readonly isMine: boolean; readonly isExpired: boolean },
): RefusedCode | undefined {
  if (state === 'in force' || state === 'declined') return 'closed'
  if (state === 'delivered') return isMine ? undefined : 'closed'
  if (isExpired) return 'expired'
  return n === 1 && previous === null ? undefined : 'not_next'
}

/** True when no answer counts any more. */
export function isExpired({ clock }: Pick<DeskComponents, 'clock'>, { proposal }: Offer): boolean {
  return proposal.expires <= Math.floor(clock.now() / 1000) - CLOCK_SKEW_SECONDS
}

/** A "no" to the peer. */
export function refuse(refused: RefusedCode): Reply {
  return { refused }
}

function checkClaim(
  { cryptography }: DeskComponents,
  offer: Offer,
  message: ClaimMessage,
): { readonly contract: string; readonly relationship: Relationship } | { readonly refused: RefusedCode } {
  const relationship = ifWellFormed(() => parseRelationship(cryptography, message.relationship))
  if (!relationship || relationship.shortDid !== message.answer.relationship) return { refused: 'refused' }
  const agreement = agree(cryptography, offer, message.answer)
  if (!agreement.ok) return { refused: 'refused' }
  const event = claimEvent({ ...message, contract: agreement.hash })
  const signed = verifySlotSignature(cryptography, relationship, event, message.slot)
  return signed.ok ? { contract: agreement.hash, relationship } : { refused: 'refused' }
}

function newClaim({ random }: DeskComponents, contract: string, message: ClaimMessage): Claim {
  const { key, relationship, answer, n, slot } = message
  return { token: random(TOKEN_LENGTH), contract, key, relationship, answer, n, slotKey: slot.key }
}

/** A delivery that is under way stays under way when another device of the same person asks. */
function claimed(record: ExchangeRecord, claim: Claim): ExchangeRecord {
  return { ...record, claim, state: record.state === 'delivered' ? 'delivered' : 'claimed' }
}
