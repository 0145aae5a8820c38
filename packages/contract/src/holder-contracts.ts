import {
  type Channel,
  type Clock,
  type Cryptography,
  MunimentError,
  type Outcome,
  type Resolver,
} from '@muniment/interface'
import { agree, type Agreement } from './agree.ts'
import type { ContractAnswer } from './answer.ts'
import { askChannel } from './ask-channel.ts'
import { ANSWER_PROTOCOL, CLAIM_PROTOCOL, CLOCK_SKEW_SECONDS } from './constants.ts'
import { type HolderExchange, type HolderState, readExchanges } from './holder-exchanges.ts'
import type { Ledger, LedgerDraft } from './ledger.ts'
import type { AnswerBody, DeliveryBody, PresentationBody, ReceiptBody } from './ledger-bodies.ts'
import type { RefusedCode } from './messages.ts'
import { refusal } from './outcome.ts'
import { presentationHash } from './presentation.ts'
import { previewAnswer } from './preview-answer.ts'
import { createQueue } from './queue.ts'
import { receiptPresentation, verifyReceipt } from './receipt.ts'
import { answerEvent, claimEvent, idempotencyKey, type RelationshipSigner, signEvent } from './slot-events.ts'
import type { Offer } from './verify-offer.ts'

/** What a person's side is made of. Its ledger is all its memory: there is no other list of what is under way. */
export interface HolderComponents {
  readonly cryptography: Cryptography
  readonly clock: Clock
  readonly resolver: Resolver
  readonly ledger: Ledger
}

/** What a person approved. */
export interface Approval {
  readonly offer: Offer
  readonly answer: ContractAnswer
  /** The final bytes of the presentations. */
  readonly presentation: Uint8Array
  /** The hash of the preview that the person saw. */
  readonly previewHash: string
  readonly signer: RelationshipSigner
}

/** Opens a channel to the organisation that speaks the protocol. */
export type DialProtocol = (protocol: string) => Promise<Channel>

/** A person's side of contracts. */
export interface HolderContracts {
  /**
   * Signs what the person approved and files it; nothing has left when it resolves, and nothing is forgotten after.
   * Throws `ERR_REFUSED` when the bytes are not those of the preview or do not fit the contract, `ERR_ANSWER_TOO_WIDE`,
   * `ERR_OFFER_EXPIRED`, and `ERR_ALREADY_EXISTS` when the offer was answered before otherwise.
   */
  approve(approval: Approval): Promise<Agreement>
  /**
   * Delivers an approved answer and files the receipt. Safe to repeat after any interruption: it goes on where it
   * stood, under one idempotency key. A "no" of the organisation is returned with its code; of these only `expired`,
   * `closed` and `refused` are final, and are filed. Throws what channels throw, and then it is to be repeated.
   */
  deliver(
    contract: string,
    dial: DialProtocol,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Outcome<{ receipt: string }>>
  /** Every exchange that was approved here, and where it stands. */
  exchanges(): Promise<readonly HolderExchange[]>
}

/** A refusal after which repeating is no use. */
const FINAL: ReadonlySet<RefusedCode> = new Set<RefusedCode>([
  'expired',
  'closed',
  'refused',
  'unknown_request',
  'withdrawn',
])
const OPEN: ReadonlySet<HolderState> = new Set<HolderState>(['approved', 'delivered, unacknowledged'])

/** Opens a person's side over the ledger. */
export function openHolderContracts(components: HolderComponents): HolderContracts {
  const queue = createQueue()
  return {
    approve: (approval) => queue.run(approval.offer.hash, () => approve(components, approval)),
    async deliver(contract, dial, options = {}) {
      return queue.run(contract, async () => {
        const known = await readExchanges(components)
        const exchange = known.find(({ hash }) => hash === contract)
        if (!exchange) throw new MunimentError('ERR_NOT_FOUND', 'there is no approved answer of this name')
        return deliver(components, exchange, { dial, ...options })
      })
    },
    exchanges: () => readExchanges(components),
  }
}

async function approve(components: HolderComponents, approval: Approval): Promise<Agreement> {
  const { cryptography, clock, ledger } = components
  const { offer, answer, presentation, signer } = approval
  const agreement = checkApproval(cryptography, approval)
  if (offer.proposal.expires <= Math.floor(clock.now() / 1000) - CLOCK_SKEW_SECONDS) {
    throw new MunimentError('ERR_OFFER_EXPIRED', 'the offer has expired')
  }
  const known = (await readExchanges(components)).filter((exchange) => exchange.body.offer === offer.hash)
  if (known.some(({ hash, state }) => hash !== agreement.hash || !OPEN.has(state))) {
    throw new MunimentError('ERR_ALREADY_EXISTS', 'this offer was answered already')
  }
  const shown = presentationHash(cryptography, presentation)
  if (known.some(({ body }) => body.presentation === shown)) return agreement
  const name = { contract: agreement.hash, n: 1, previous: null }
  const key = idempotencyKey(cryptography, signer.secret, name)
  const body: AnswerBody = {
    ...name,
    offer: offer.hash,
    answer,
    relationship: signer.relationship.did,
    presentation: shown,
    key,
    slot: await signEvent(cryptography, signer, answerEvent({ ...name, presentation: shown })),
    claimSlot: await signEvent(cryptography, signer, claimEvent({ ...name, key })),
  }
  const values: PresentationBody = { contract: agreement.hash, presentation: shown, bytes: presentation }
  const offered: readonly LedgerDraft[] =
    known.length > 0 ? [] : [{ kind: 'offer', body: { jws: offer.jws } }]
  await ledger.append(signer.relationship.shortDid, [
    ...offered,
    { kind: 'answer', body },
    { kind: 'presentation', body: values },
  ])
  return agreement
}

/** The bytes must be those that the person saw, and what they saw must be the contract. */
function checkApproval(cryptography: Cryptography, approval: Approval): Agreement {
  const { offer, answer, presentation, previewHash, signer } = approval
  if (presentationHash(cryptography, presentation) !== previewHash) {
    throw new MunimentError('ERR_REFUSED', 'these are not the bytes that were shown')
  }
  if (signer.relationship.shortDid !== answer.relationship) {
    throw new MunimentError('ERR_REFUSED', 'the answer names another relationship')
  }
  const agreement = agree(cryptography, offer, answer)
  if (!agreement.ok) {
    throw new MunimentError(
      'ERR_ANSWER_TOO_WIDE',
      agreement.problems.map(({ message }) => message).join('; '),
    )
  }
  const preview = previewAnswer(cryptography, presentation, { offer, answer })
  if (!preview.ok) {
    throw new MunimentError('ERR_REFUSED', preview.problems.map(({ message }) => message).join('; '))
  }
  return agreement
}

interface Delivering {
  readonly dial: DialProtocol
  readonly signal?: AbortSignal
}

async function deliver(
  components: HolderComponents,
  exchange: HolderExchange,
  delivering: Delivering,
): Promise<Outcome<{ receipt: string }>> {
  if (exchange.receipt !== undefined) return { ok: true, receipt: exchange.receipt }
  if (!OPEN.has(exchange.state)) return refusal(exchange.reason ?? 'refused', 'the organisation refused it')
  const { body, contract } = exchange
  const { n, previous, key, answer, relationship, claimSlot } = body
  if (!claimSlot || !exchange.bytes) {
    throw new MunimentError('ERR_KEY_UNKNOWN', 'what was approved cannot be opened on this device')
  }
  const claim = { id: contract.id, relationship, answer, n, previous, key, slot: claimSlot }
  const turn = await ask(delivering, CLAIM_PROTOCOL, claim)
  if ('receipt' in turn) return fileReceipt(components, exchange, turn.receipt)
  if ('refused' in turn) return fileRefusal(components, exchange, turn.refused)
  if (!('token' in turn)) throw unexpected()
  await fileSent(components, exchange)
  const reply = await ask(delivering, ANSWER_PROTOCOL, {
    id: contract.id,
    contract: exchange.hash,
    n,
    key,
    token: turn.token,
    presentation: exchange.bytes,
    slot: body.slot,
  })
  if ('receipt' in reply) return fileReceipt(components, exchange, reply.receipt)
  if ('refused' in reply) return fileRefusal(components, exchange, reply.refused)
  throw unexpected()
}

async function ask(
  { dial, signal }: Delivering,
  protocol: string,
  message: Parameters<typeof askChannel>[1],
): ReturnType<typeof askChannel> {
  const channel = await dial(protocol)
  const reply = await askChannel(channel, message, signal ? { signal } : {})
  await channel.close()
  return reply
}

/** Written before the values leave: after a crash the person is told that they may have left. */
async function fileSent(components: HolderComponents, exchange: HolderExchange): Promise<void> {
  if (exchange.state !== 'approved') return
  const { ledger, clock } = components
  const body: DeliveryBody = { ...namesOf(exchange), at: clock.now() }
  await ledger.append(exchange.contract.relationship, [{ kind: 'sent', body }])
}

/** The receipt may be for an earlier presentation under this contract, of which the reply was lost. */
async function fileReceipt(
  components: HolderComponents,
  exchange: HolderExchange,
  jws: string,
): Promise<Outcome<{ receipt: string }>> {
  const { contract, hash, body, presentations } = exchange
  const named = receiptPresentation(jws)
  const verified = await verifyReceipt(components, jws, {
    iss: contract.organisation.did,
    relationship: contract.relationship,
    contract: hash,
    presentation: presentations.find((known) => known === named) ?? body.presentation,
    n: body.n,
    previous: body.previous,
  })
  if (!verified.ok) return verified
  const filed: ReceiptBody = { contract: hash, jws }
  await components.ledger.append(contract.relationship, [{ kind: 'receipt', body: filed }])
  return { ok: true, receipt: jws }
}

async function fileRefusal(
  components: HolderComponents,
  exchange: HolderExchange,
  reason: RefusedCode,
): Promise<Outcome<{ receipt: string }>> {
  if (FINAL.has(reason)) {
    const { ledger, clock } = components
    const body: DeliveryBody = { ...namesOf(exchange), at: clock.now(), reason }
    await ledger.append(exchange.contract.relationship, [{ kind: 'refused', body }])
  }
  return refusal(reason, `the organisation said no: ${SAID[reason]}`)
}

const SAID: Readonly<Record<RefusedCode, string>> = {
  unknown_request: 'it knows no such request',
  expired: 'its offer has expired',
  closed: 'the request was answered or declined before',
  not_next: 'another device has answered meanwhile',
  superseded: 'another device is answering',
  stale: 'the answer is too old or dated ahead: is the clock of this device right?',
  refused: 'it does not accept this answer',
  paused: 'the contract is paused',
  withdrawn: 'the contract was withdrawn',
}

function namesOf({ hash, body }: HolderExchange): { contract: string; presentation: string } {
  return { contract: hash, presentation: body.presentation }
}

function unexpected(): MunimentError {
  return new MunimentError('ERR_PROTOCOL', 'the organisation answered something else than was asked')
}
