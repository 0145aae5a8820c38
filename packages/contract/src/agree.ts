import { base64url, hashInDomain, toCanonical } from '@muniment/crypto'
import type { Cryptography, Did, Outcome, Problem } from '@muniment/interface'
import type { ContractAnswer, Narrowing } from './answer.ts'
import { asCanonical } from './as-canonical.ts'
import { type DcqlQuery, dcqlOf } from './dcql.ts'
import type { Organisation } from './offer.ts'
import { refusal, refusals } from './outcome.ts'
import type { CredentialTerm, Terms } from './terms.ts'
import type { Offer } from './verify-offer.ts'

/** What both sides hold: the offer's terms as far as the answer took them. */
export interface Contract {
  readonly v: 1
  /** The hash of the offer. */
  readonly offer: string
  /** The request id. */
  readonly id: string
  readonly organisation: Organisation
  /** The person, by the short form of the relationship's DID. */
  readonly relationship: Did
  readonly use: 'once'
  readonly choice: ContractAnswer['choice']
  /** The terms in force. Everything still listed as optional is given too. */
  readonly terms: Terms
}

/** An agreed contract with its name. */
export interface Agreement {
  readonly contract: Contract
  /** 32 bytes in base64url: a hash in the domain `muniment/contract/1` over the contract's canonical bytes. */
  readonly hash: string
}

/**
 * The contract that an answer makes of an offer: their intersection, computed alike by both sides (protocol rule 15).
 * Problems: `answer_for_another_offer`, `answer_for_another_relationship`, `answer_no_alternative`, `answer_too_wide`,
 * `answer_drops_required`, `answer_unknown_term`, `answer_empty`.
 */
export function agree(
  cryptography: Cryptography,
  offer: Pick<Offer, 'hash' | 'proposal'>,
  answer: ContractAnswer,
): Outcome<Agreement> {
  const { id, organisation, relationship, use } = offer.proposal
  if (answer.offer !== offer.hash)
    return refusal('answer_for_another_offer', 'the answer is to another offer')
  if (relationship !== undefined && relationship !== answer.relationship) {
    return refusal('answer_for_another_relationship', 'the offer was made to someone else')
  }
  const terms = answer.choice === 'offer' ? offer.proposal.terms : offer.proposal.alternative
  if (!terms) return refusal('answer_no_alternative', 'the offer has no alternative')
  const problems = [...problemsOf(terms, answer.narrowing ?? {})]
  if (problems.length > 0) return refusals(problems)
  const narrowed = narrow(terms, answer.narrowing ?? {})
  if (narrowed.what.length === 0)
    return refusal('answer_empty', 'the answer leaves nothing to give: decline instead')
  const contract: Contract = {
    v: 1,
    offer: offer.hash,
    id,
    organisation,
    relationship: answer.relationship,
    use,
    choice: answer.choice,
    terms: narrowed,
  }
  return { ok: true, contract, hash: contractHash(cryptography, contract) }
}

/** The contract's name, see {@link Agreement}. */
export function contractHash(cryptography: Cryptography, contract: Contract): string {
  return base64url(hashInDomain(cryptography, 'muniment/contract/1', toCanonical(asCanonical(contract))))
}

/** The DCQL query for what was agreed: no choices are left in it. */
export function agreedQuery({ terms }: Contract): DcqlQuery {
  return dcqlOf({
    ...terms,
    what: terms.what.map((asked) => ({
      ...asked,
      required: [...asked.required, ...asked.optional],
      optional: [],
    })),
  })
}

function* problemsOf(terms: Terms, narrowing: Narrowing): Generator<Problem> {
  const { without = [], keptDays = 0, struckThirdParties = [] } = narrowing
  for (const dropped of without) yield* problemsOfDropping(terms, dropped)
  if (keptDays > terms.kept.days) {
    yield {
      code: 'answer_too_wide',
      message: 'an answer may shorten how long things are kept, not lengthen it',
    }
  }
  for (const struck of struckThirdParties) {
    if (!terms.thirdParties.some(({ id }) => id === struck)) {
      yield { code: 'answer_unknown_term', message: `the offer names no third party ${struck}` }
    }
  }
  const names = without.map(({ credential, claim }) => `${credential} ${claim}`)
  if (repeats(names) || repeats(struckThirdParties)) {
    yield { code: 'answer_unknown_term', message: 'the answer strikes the same thing twice' }
  }
}

function* problemsOfDropping(
  terms: Terms,
  { credential, claim }: { readonly credential: string; readonly claim: string },
): Generator<Problem> {
  const asked = terms.what.find(({ id }) => id === credential)
  if (asked?.required.some(({ id }) => id === claim)) {
    yield { code: 'answer_drops_required', message: `the claim ${claim} is required` }
  } else if (!asked?.optional.some(({ id }) => id === claim)) {
    yield { code: 'answer_unknown_term', message: `the offer asks for no claim ${claim} of ${credential}` }
  }
}

function narrow(terms: Terms, { without = [], keptDays, struckThirdParties = [] }: Narrowing): Terms {
  const isDropped = (credential: string, claim: string): boolean =>
    without.some((dropped) => dropped.credential === credential && dropped.claim === claim)
  const what = terms.what
    .map((asked): CredentialTerm => ({
      ...asked,
      optional: asked.optional.filter(({ id }) => !isDropped(asked.id, id)),
    }))
    .filter(({ required, optional }) => required.length + optional.length > 0)
  return {
    ...terms,
    what,
    kept: { ...terms.kept, days: keptDays ?? terms.kept.days },
    thirdParties: terms.thirdParties.filter(({ id }) => !struckThirdParties.includes(id)),
  }
}

function repeats(values: readonly string[]): boolean {
  return new Set(values).size < values.length
}
