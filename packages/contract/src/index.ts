/**
 * Contracts between a person and an organisation: signed offers, answers that may only narrow them, the preview of what
 * would leave, countersigned receipts, and the ledger that each side keeps.
 *
 * @example
 * ```ts
 * import { formatRequestLink, parseRequestLink } from '@muniment/contract'
 *
 * const link = formatRequestLink({
 *   did: 'did:web:landlord.example',
 *   addresses: ['/ip4/127.0.0.1/tcp/4001'],
 *   id: 'c2l4dGVlbiBieXRlcyE',
 * })
 * parseRequestLink(link).kind // 'muniment'
 * ```
 * @packageDocumentation
 */
export { agree, type Agreement, agreedQuery, type Contract, contractHash } from './agree.ts'
export { acceptOffer, type ContractAnswer, type Narrowing, parseAnswer } from './answer.ts'
export {
  ANSWER_PROTOCOL,
  CLAIM_PROTOCOL,
  CLOCK_SKEW_SECONDS,
  CONTRACT_TYPE,
  DECLINE_PROTOCOL,
  DEFAULT_OFFER_LIFE_SECONDS,
  MAX_ANSWER_LENGTH,
  MAX_LEDGER_ENTRY_LENGTH,
  MAX_OFFER_LENGTH,
  REQUEST_PROTOCOL,
} from './constants.ts'
export {
  type ContractDesk,
  type DeskEvent,
  type DeskOffer,
  type Exchange,
  openContractDesk,
} from './contract-desk.ts'
export {
  type DcqlClaim,
  type DcqlCredential,
  type DcqlCredentialSet,
  dcqlOf,
  type DcqlQuery,
} from './dcql.ts'
export { type ContractWords, describeContract, describeOffer, type Language } from './describe-contract.ts'
export type { DeskComponents, DeskInit } from './desk-components.ts'
export type { ExactPath, ShownClaims } from './disclosed-claims.ts'
export { type Evidence, evidenceOf, verifyEvidence } from './evidence.ts'
export type { ExchangeState } from './exchange-record.ts'
export { declineOffer, fetchOffer } from './first-contact.ts'
export {
  type Approval,
  type DialProtocol,
  type HolderComponents,
  type HolderContracts,
  openHolderContracts,
} from './holder-contracts.ts'
export type { HolderExchange, HolderState } from './holder-exchanges.ts'
export {
  type Ledger,
  type LedgerComponents,
  type LedgerDraft,
  type LedgerEntry,
  type LedgerHead,
  type LedgerStore,
  openLedger,
  verifyLedger,
} from './ledger.ts'
export {
  type AnswerBody,
  type DeliveryBody,
  type OfferBody,
  parseAnswerBody,
  parseDeliveryBody,
  parseOfferBody,
  parsePresentationBody,
  parseReceiptBody,
  type PresentationBody,
  type ReceiptBody,
} from './ledger-bodies.ts'
export type { LedgerKind } from './ledger-entry.ts'
export {
  type AnswerMessage,
  type ClaimMessage,
  encodeMessage,
  parseReply,
  type RefusedCode,
  type Reply,
} from './messages.ts'
export {
  createOffer,
  credentialsAsked,
  type OfferDraft,
  type Organisation,
  type Proposal,
  type RequestObject,
  signOffer,
} from './offer.ts'
export { decodePresentation, encodePresentation, presentationHash, type VpToken } from './presentation.ts'
export {
  presentationVerifier,
  type VerifiedPresentation,
  type VerifyPresentations,
} from './presentation-verifier.ts'
export { type AnswerPreview, type LeavingClaim, previewAnswer } from './preview-answer.ts'
export { type Receipt, type ReceiptChecks, receiptHash, signReceipt, verifyReceipt } from './receipt.ts'
export { formatRequestLink, type MunimentLink, parseRequestLink, type WalletLink } from './request-link.ts'
export { answerEvent, claimEvent, idempotencyKey, type RelationshipSigner, signEvent } from './slot-events.ts'
export { type ErasableDataKeys, openStoreDataKeys } from './store-data-keys.ts'
export { type StoreLedger, storeLedger } from './store-ledger.ts'
export {
  type BilingualText,
  type ClaimPath,
  type ClaimTerm,
  type CredentialTerm,
  parseTerms,
  type Terms,
  type ThirdPartyTerm,
} from './terms.ts'
export { type Offer, type OfferChecks, parseOffer, verifyOffer } from './verify-offer.ts'
