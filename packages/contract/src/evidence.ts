import { parseRelationship, verifySlotSignature } from '@muniment/identity'
import type { Cryptography, Did, Outcome, Problem, Resolver } from '@muniment/interface'
import { agree, type Contract } from './agree.ts'
import { isSignedBy } from './jws.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import type { LedgerKind } from './ledger-entry.ts'
import { type AnswerBody, parseAnswerBody, parseOfferBody, parseReceiptBody } from './ledger-bodies.ts'
import { ifWellFormed, refusal, refusals } from './outcome.ts'
import { type Receipt, receiptPresentation, verifyReceipt } from './receipt.ts'
import { answerEvent } from './slot-events.ts'
import { parseOffer } from './verify-offer.ts'

/** What proves a contract to a third person. There is no value of the person's in it (protocol rule 14). */
export interface Evidence {
  /** The signed offer. */
  readonly offer: string
  readonly answer: AnswerBody
  readonly receipt: string
}

/** Finds the evidence for a contract in a ledger of either side; `undefined` without a receipt, or once erased. */
export async function evidenceOf(
  { ledger, cryptography }: { readonly ledger: Ledger; readonly cryptography: Cryptography },
  relationship: Did,
  contract: string,
): Promise<Evidence | undefined> {
  const entries: LedgerEntry[] = []
  for await (const entry of ledger.entries(relationship)) entries.push(entry)
  const bodies = (kind: LedgerKind): unknown[] =>
    entries.filter((entry) => entry.kind === kind && entry.body !== undefined).map(({ body }) => body)
  const receipt = bodies('receipt')
    .map(parseReceiptBody)
    .find((read) => read.contract === contract)?.jws
  if (receipt === undefined) return undefined
  const named = receiptPresentation(receipt)
  const answer = bodies('answer')
    .map(parseAnswerBody)
    .find((read) => read.contract === contract && read.presentation === named)
  const offer = bodies('offer')
    .map((body) => parseOfferBody(body).jws)
    .find((jws) => offerName(cryptography, jws) === answer?.offer)
  return answer && offer !== undefined ? { offer, answer, receipt } : undefined
}

function offerName(cryptography: Cryptography, jws: string): string | undefined {
  const read = parseOffer(cryptography, jws)
  return read.ok ? read.offer.hash : undefined
}

/**
 * Verifies evidence: the organisation signed the offer, a slot of the relationship signed this contract with this
 * presentation, and the organisation countersigned both. Problems: those of the parts, and `evidence_inconsistent`.
 */
export async function verifyEvidence(
  components: { readonly cryptography: Cryptography; readonly resolver: Resolver },
  { offer: jws, answer, receipt }: Evidence,
): Promise<Outcome<{ contract: Contract; receipt: Receipt }>> {
  const { cryptography, resolver } = components
  const read = parseOffer(cryptography, jws)
  if (!read.ok) return read
  const agreed = agree(cryptography, read.offer, answer.answer)
  if (!agreed.ok) return agreed
  const relationship = ifWellFormed(() => parseRelationship(cryptography, answer.relationship))
  if (
    !relationship ||
    relationship.shortDid !== agreed.contract.relationship ||
    agreed.hash !== answer.contract
  ) {
    return refusal('evidence_inconsistent', 'the parts of this evidence do not belong together')
  }
  const problems: Problem[] = []
  const { keys } = await resolver.resolve(agreed.contract.organisation.did)
  const key = keys.find(({ id }) => id === read.offer.kid)
  if (!key || !isSignedBy(cryptography, read.parsed, key.publicKey)) {
    problems.push({ code: 'offer_signature', message: 'the organisation did not sign this offer' })
  }
  const signed = verifySlotSignature(cryptography, relationship, answerEvent(answer), answer.slot)
  if (!signed.ok) problems.push(...signed.problems)
  const verified = await verifyReceipt(components, receipt, {
    iss: agreed.contract.organisation.did,
    relationship: relationship.shortDid,
    contract: agreed.hash,
    presentation: answer.presentation,
    n: answer.n,
    previous: answer.previous,
  })
  if (!verified.ok) return refusals([...problems, ...verified.problems])
  return problems.length > 0
    ? refusals(problems)
    : { ok: true, contract: agreed.contract, receipt: verified.receipt }
}
