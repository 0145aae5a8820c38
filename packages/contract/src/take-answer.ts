import { parseRelationship, verifySlotSignature } from '@muniment/identity'
import { sameBytes } from '@muniment/crypto'
import { MunimentError, type Problem } from '@muniment/interface'
import { agree, type Agreement } from './agree.ts'
import type { DeskComponents, DeskInit } from './desk-components.ts'
import { disclosedClaims, problemsOfDisclosure } from './disclosed-claims.ts'
import type { Claim, Delivery, ExchangeRecord } from './exchange-record.ts'
import type { ExchangeStore } from './exchange-store.ts'
import type { LedgerDraft } from './ledger.ts'
import type { AnswerBody, OfferBody, PresentationBody, ReceiptBody } from './ledger-bodies.ts'
import type { AnswerMessage, RefusedCode, Reply } from './messages.ts'
import { ifWellFormed } from './outcome.ts'
import { decodePresentation, presentationHash } from './presentation.ts'
import type { VerifiedPresentation } from './presentation-verifier.ts'
import { signReceipt } from './receipt.ts'
import { isSameValue } from './same-value.ts'
import { answerEvent } from './slot-events.ts'
import { isExpired, refuse } from './take-claim.ts'
import type { Offer } from './verify-offer.ts'

/** What taking an answer needs. */
export interface TakingAnswers {
  readonly components: DeskComponents
  readonly init: DeskInit
  readonly exchanges: ExchangeStore
  /** Told why an answer was refused, in full: the peer hears less. */
  onRefused(id: string, problems: readonly Problem[]): void
}

/**
 * Takes an answer under a fencing token and gives the countersigned receipt. First the presentations are verified, then
 * the nonce is consumed and the delivery kept in one commit, then receipt and ledger are written in another; a crash in
 * between is made good by the next repetition. Repetitions get the stored receipt.
 */
export async function takeAnswer(taking: TakingAnswers, message: AnswerMessage): Promise<Reply> {
  const { components, exchanges } = taking
  const found = await exchanges.load(message.id)
  if (!found) return refuse('unknown_request')
  const { record, offer } = found
  const presentation = presentationHash(components.cryptography, message.presentation)
  if (record.delivery) return repeat(taking, offer, { record, message, presentation })
  const claim = record.claim && isSameTurn(record.claim, message) ? record.claim : undefined
  if (record.state !== 'claimed') return refuse(record.state === 'lapsed' ? 'expired' : 'closed')
  if (!claim || !sameBytes(claim.token, message.token)) return refuse('superseded')
  if (isExpired(components, offer)) return refuse('expired')
  const problems = await problemsOfAnswer(taking, offer, { claim, message, presentation })
  if (problems.length > 0) {
    taking.onRefused(message.id, problems)
    return refuse(reasonFor(problems))
  }
  const delivery: Delivery = { presentation, slot: message.slot, bytes: message.presentation }
  const delivered: ExchangeRecord = { ...record, state: 'delivered', delivery }
  const nonce = { audience: offer.clientId, nonce: offer.nonce }
  if (await exchanges.isConsumed(nonce)) return refuse('closed')
  await exchanges.save(message.id, delivered, [exchanges.consume(nonce)])
  return { receipt: await file(taking, offer, { record: delivered, claim, delivery }) }
}

/** What was delivered is answered with its receipt, which may still have to be made; anything else is too late. */
async function repeat(
  taking: TakingAnswers,
  offer: Offer,
  again: { readonly record: ExchangeRecord; readonly message: AnswerMessage; readonly presentation: string },
): Promise<Reply> {
  const { claim, delivery, receipt } = again.record
  if (!claim || !delivery || !isSameTurn(claim, again.message)) return refuse('closed')
  if (delivery.presentation !== again.presentation) return refuse('closed')
  return { receipt: receipt ?? (await file(taking, offer, { record: again.record, claim, delivery })) }
}

function isSameTurn(claim: Claim, { contract, key, n }: AnswerMessage): boolean {
  return claim.contract === contract && claim.n === n && sameBytes(claim.key, key)
}

/** Countersigns what was delivered and files it: the exchange is in force when it resolves. Gives the receipt. */
export async function file(
  { components, init, exchanges }: TakingAnswers,
  offer: Offer,
  {
    record,
    claim,
    delivery,
  }: { readonly record: ExchangeRecord; readonly claim: Claim; readonly delivery: Delivery },
): Promise<string> {
  const relationship = parseRelationship(components.cryptography, claim.relationship).shortDid
  return exchanges.queue.run(`relationship ${relationship}`, async () => {
    const receipt = await signReceipt(components.signer, init.kid, {
      v: 1,
      iss: offer.proposal.organisation.did,
      relationship,
      contract: claim.contract,
      presentation: delivery.presentation,
      n: claim.n,
      previous: null,
      iat: Math.floor(components.clock.now() / 1000),
    })
    const entries = await exchanges.ledger.prepare(
      relationship,
      ledgerDrafts(offer, { claim, delivery, receipt }),
    )
    const filed: ExchangeRecord = {
      ...record,
      state: 'in force',
      delivery: { presentation: delivery.presentation, slot: delivery.slot },
      receipt,
    }
    await exchanges.save(offer.proposal.id, filed, await exchanges.ledgerStore.changes(relationship, entries))
    return receipt
  })
}

function ledgerDrafts(
  offer: Offer,
  {
    claim,
    delivery,
    receipt,
  }: { readonly claim: Claim; readonly delivery: Delivery; readonly receipt: string },
): readonly LedgerDraft[] {
  const { contract, answer, relationship, n, key } = claim
  const { presentation, slot, bytes } = delivery
  if (!bytes)
    throw new MunimentError('ERR_STORE_DAMAGED', 'a delivery without receipt has lost its presentation')
  const offerBody: OfferBody = { jws: offer.jws }
  const answerBody: AnswerBody = {
    contract,
    offer: offer.hash,
    answer,
    relationship,
    presentation,
    n,
    previous: null,
    key,
    slot,
  }
  const presentationBody: PresentationBody = { contract, presentation, bytes }
  const receiptBody: ReceiptBody = { contract, jws: receipt }
  return [
    { kind: 'offer', body: offerBody },
    { kind: 'answer', body: answerBody },
    { kind: 'presentation', body: presentationBody },
    { kind: 'receipt', body: receiptBody },
  ]
}

async function problemsOfAnswer(
  { components }: TakingAnswers,
  offer: Offer,
  given: { readonly claim: Claim; readonly message: AnswerMessage; readonly presentation: string },
): Promise<readonly Problem[]> {
  const { cryptography, clock, verifyPresentations } = components
  const { claim, message, presentation } = given
  const relationship = parseRelationship(cryptography, claim.relationship)
  const event = answerEvent({ contract: claim.contract, presentation, n: claim.n })
  const signed = verifySlotSignature(cryptography, relationship, event, message.slot)
  if (!signed.ok) return signed.problems
  const vpToken = ifWellFormed(() => decodePresentation(message.presentation))
  if (!vpToken) return [{ code: 'presentation_malformed', message: 'these are not the bytes of an answer' }]
  const agreement = agree(cryptography, offer, claim.answer)
  if (!agreement.ok) return agreement.problems
  const { contract } = agreement
  const at = Math.floor(clock.now() / 1000)
  const verified = await verifyPresentations(vpToken, { offer, contract, at })
  if (!verified.ok) return verified.problems
  return [...problemsOfPresentations(agreement, claim, verified.presentations)]
}

/** Whoever verifies credentials knows nothing of contracts, so what they show is held against the terms here. */
function* problemsOfPresentations(
  { contract }: Agreement,
  { answer }: Claim,
  presentations: readonly VerifiedPresentation[],
): Generator<Problem> {
  const { what } = contract.terms
  for (const asked of what) {
    const shown = presentations.find(({ credential }) => credential === asked.id)
    if (!shown) {
      yield { code: 'presentation_incomplete', message: `nothing is shown for ${asked.id}` }
      continue
    }
    if (!asked.vct.some((type) => type === shown.claims['vct'])) {
      yield { code: 'presentation_wrong_type', message: `what is shown for ${asked.id} is of another type` }
    }
    if (!isSameValue(shown.contractAnswer, answer)) {
      yield { code: 'presentation_other_answer', message: 'the presentation carries another answer' }
    }
    yield* problemsOfDisclosure(asked, disclosedClaims(shown))
  }
  if (presentations.some(({ credential }) => !what.some(({ id }) => id === credential))) {
    yield { code: 'presentation_unasked', message: 'a credential is shown that the contract does not name' }
  }
}

/** Only a presentation that has grown too old is told apart: the person can make a fresh one. */
function reasonFor(problems: readonly Problem[]): RefusedCode {
  return problems.every(({ code }) => code === 'key_binding_time') ? 'stale' : 'refused'
}
