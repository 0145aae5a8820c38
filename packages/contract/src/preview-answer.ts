import { parseSdJwt, type SdJwt } from '@muniment/credentials'
import type { Cryptography, Outcome, Problem } from '@muniment/interface'
import { agree, type Contract } from './agree.ts'
import { type ContractAnswer, parseAnswer } from './answer.ts'
import { type ContractWords, describeContract, type Language } from './describe-contract.ts'
import { disclosedClaims, type ExactPath, problemsOfDisclosure, termOf } from './disclosed-claims.ts'
import { decodeJson } from './jws.ts'
import { isSameValue } from './same-value.ts'
import { ifWellFormed, refusal, refusals } from './outcome.ts'
import { decodePresentation, presentationHash } from './presentation.ts'
import type { BilingualText, CredentialTerm } from './terms.ts'
import type { Offer } from './verify-offer.ts'

/** One value that would leave. */
export interface LeavingClaim {
  /** The id of the credential in the terms. */
  readonly credential: string
  readonly path: ExactPath
  readonly value: unknown
  /** The words of the term it answers; absent for what an issuer shows to everyone (issuer, type, dates, status…). */
  readonly label?: BilingualText
}

/** What a person sees before they send: made from the bytes that would be sent, and from nothing else. */
export interface AnswerPreview {
  /** SHA-256 of the bytes in base64url; sending asks for it. */
  readonly hash: string
  readonly contract: Contract
  readonly contractHash: string
  /** Everything that would leave, value by value. */
  readonly leaving: readonly LeavingClaim[]
  /** The contract in words, see `describeContract`. */
  readonly describe: (language: Language) => ContractWords
}

/**
 * Reads the final bytes of an answer and says what would leave. Problems: those of `agree`;
 * `presentation_malformed`, `presentation_unbound` (no key binding, or one for another audience or nonce),
 * `presentation_other_answer` (its `contract_answer` is not the one shown), `presentation_unasked` (a credential that the
 * contract does not name), `presentation_wrong_type` (its `vct`), `presentation_too_wide`, `presentation_incomplete`.
 */
export function previewAnswer(
  cryptography: Cryptography,
  bytes: Uint8Array,
  { offer, answer }: { readonly offer: Offer; readonly answer: ContractAnswer },
): Outcome<{ preview: AnswerPreview }> {
  const agreement = agree(cryptography, offer, answer)
  if (!agreement.ok) return agreement
  const { contract } = agreement
  const vpToken = ifWellFormed(() => decodePresentation(bytes))
  if (!vpToken) return refusal('presentation_malformed', 'these are not the bytes of an answer')
  const problems: Problem[] = []
  const leaving: LeavingClaim[] = []
  for (const asked of contract.terms.what) {
    const token = vpToken[asked.id]?.[0]
    if (token === undefined) {
      problems.push({ code: 'presentation_incomplete', message: `nothing is shown for ${asked.id}` })
      continue
    }
    const sdJwt = ifWellFormed(() => parseSdJwt(cryptography, token))
    if (!sdJwt) {
      problems.push({
        code: 'presentation_malformed',
        message: `what is shown for ${asked.id} cannot be read`,
      })
      continue
    }
    problems.push(...problemsOfBinding(sdJwt, offer, answer))
    leaving.push(...readLeaving(asked, sdJwt, problems))
  }
  for (const id of Object.keys(vpToken)) {
    if (!contract.terms.what.some((asked) => asked.id === id)) {
      problems.push({ code: 'presentation_unasked', message: `the contract names no credential ${id}` })
    }
  }
  if (problems.length > 0) return refusals(problems)
  const preview: AnswerPreview = {
    hash: presentationHash(cryptography, bytes),
    contract,
    contractHash: agreement.hash,
    leaving,
    describe: (language) => describeContract(contract, language),
  }
  return { ok: true, preview }
}

function readLeaving(asked: CredentialTerm, sdJwt: SdJwt, problems: Problem[]): readonly LeavingClaim[] {
  const { claims, disclosures } = sdJwt
  if (!asked.vct.some((type) => type === claims['vct'])) {
    problems.push({
      code: 'presentation_wrong_type',
      message: `what is shown for ${asked.id} is of another type`,
    })
  }
  const shown = disclosedClaims({ claims, disclosedPaths: disclosures.map(({ path }) => path) })
  problems.push(...problemsOfDisclosure(asked, shown))
  return shown.map(({ path, value }) => {
    const term = termOf(asked, path)
    const leaving = { credential: asked.id, path, value }
    return term ? Object.assign(leaving, { label: term.label }) : leaving
  })
}

/** The holder's own key-binding JWT: its signature is not checked here, because this device has just made it. */
function* problemsOfBinding(sdJwt: SdJwt, offer: Offer, answer: ContractAnswer): Generator<Problem> {
  const binding = ifWellFormed(() => decodeJson(sdJwt.keyBindingJwt?.split('.')[1] ?? ''))
  const claims: Readonly<Record<string, unknown>> = { ...(typeof binding === 'object' ? binding : {}) }
  if (claims['aud'] !== offer.clientId || claims['nonce'] !== offer.nonce) {
    yield { code: 'presentation_unbound', message: 'the presentation is not bound to this request' }
  }
  const signed = ifWellFormed(() => parseAnswer(claims['contract_answer']))
  if (!isSameValue(signed, answer)) {
    yield {
      code: 'presentation_other_answer',
      message: 'the presentation carries another answer than the one shown',
    }
  }
}
