import type { Contract } from './agree.ts'
import type { Proposal } from './offer.ts'
import type { BilingualText, ClaimTerm, Terms } from './terms.ts'

/** The languages that contracts are shown in. */
export type Language = 'en' | 'fr'

/** A contract in plain words: one line, or a list, for each of the six terms, and who asks. */
export interface ContractWords {
  readonly who: string
  /** One line for each claim. */
  readonly what: readonly string[]
  readonly purpose: string
  readonly givenBack: string
  readonly kept: string
  readonly thirdParties: readonly string[]
  readonly erasure: string
}

const WORDS = {
  en: {
    who: (name: string, did: string) => `${name} asks (${did})`,
    optional: 'optional',
    notKept: 'Nothing is kept once it has been checked.',
    kept: (what: string, days: number) =>
      `${what} Kept for ${days} ${days === 1 ? 'day' : 'days'}, then deleted.`,
    nobody: 'Nobody else gets it.',
    erased: 'You may demand that it is erased at any time.',
    erasedWithin: (days: number) =>
      days === 0
        ? 'You may demand that it is erased at any time; it is done at once.'
        : `You may demand that it is erased at any time; it is done within ${days} ${days === 1 ? 'day' : 'days'}.`,
    notErased: 'A demand to erase it earlier is not honoured.',
  },
  fr: {
    who: (name: string, did: string) => `${name} demande (${did})`,
    optional: 'facultatif',
    notKept: 'Rien n’est conservé une fois la vérification faite.',
    kept: (what: string, days: number) =>
      `${what} Conservé pendant ${days} ${days < 2 ? 'jour' : 'jours'}, puis supprimé.`,
    nobody: 'Personne d’autre ne le reçoit.',
    erased: 'Vous pouvez exiger l’effacement à tout moment.',
    erasedWithin: (days: number) =>
      days === 0
        ? 'Vous pouvez exiger l’effacement à tout moment ; il est immédiat.'
        : `Vous pouvez exiger l’effacement à tout moment ; il est fait sous ${days} ${days < 2 ? 'jour' : 'jours'}.`,
    notErased: 'Une demande d’effacement anticipé n’est pas honorée.',
  },
} as const

/** A contract in plain words. Everything still in a contract is given, so nothing is marked optional. */
export function describeContract(contract: Contract, language: Language): ContractWords {
  return describe(contract.organisation, contract.terms, { language, marksOptional: false })
}

/** An offer in plain words, before it is answered; what may be left out is marked so. */
export function describeOffer(
  { organisation, terms, alternative }: Proposal,
  language: Language,
): { readonly offer: ContractWords; readonly alternative?: ContractWords } {
  const options = { language, marksOptional: true }
  return {
    offer: describe(organisation, terms, options),
    ...(alternative && { alternative: describe(organisation, alternative, options) }),
  }
}

function describe(
  organisation: Contract['organisation'],
  terms: Terms,
  { language, marksOptional }: { readonly language: Language; readonly marksOptional: boolean },
): ContractWords {
  const words = WORDS[language]
  const colon = language === 'fr' ? ' : ' : ': '
  const line = (label: BilingualText, claim: ClaimTerm, isOptional: boolean): string => {
    const wanted = claim.values ? ` = ${claim.values.join(' | ')}` : ''
    return `${label[language]}${colon}${claim.label[language]}${wanted}${isOptional && marksOptional ? ` (${words.optional})` : ''}`
  }
  const { withinDays, honoured } = terms.erasure
  return {
    who: words.who(organisation.name, organisation.did),
    what: terms.what.flatMap(({ label, required, optional }) => [
      ...required.map((claim) => line(label, claim, false)),
      ...optional.map((claim) => line(label, claim, true)),
    ]),
    purpose: terms.purpose.text[language],
    givenBack: terms.givenBack.text[language],
    kept: terms.kept.days === 0 ? words.notKept : words.kept(terms.kept.text[language], terms.kept.days),
    thirdParties:
      terms.thirdParties.length === 0
        ? [words.nobody]
        : terms.thirdParties.map(({ name, text }) => `${name}${colon}${text[language]}`),
    erasure: !honoured
      ? words.notErased
      : withinDays === undefined
        ? words.erased
        : words.erasedWithin(withinDays),
  }
}
