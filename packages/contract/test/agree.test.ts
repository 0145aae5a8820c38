import { eachSeed } from '@muniment/compliance'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  acceptOffer,
  agree,
  agreedQuery,
  describeContract,
  describeOffer,
  type Narrowing,
  parseAnswer,
  type Terms,
} from '../src/index.ts'
import { codesOf, cryptography, landlordsTerms } from './support/parties.ts'

const RELATIONSHIP = 'did:peer:4abc'
const HASH = 'A'.repeat(43)

function offerOf(terms: Terms = landlordsTerms(), alternative?: Terms) {
  const organisation = { did: 'did:web:landlord.example', name: 'Immo Sud' }
  const proposal = {
    id: 'x',
    organisation,
    use: 'once',
    expires: 1,
    terms,
    ...(alternative && { alternative }),
  } as const
  return { hash: HASH, proposal }
}

function answered(narrowing?: Narrowing, choice: 'offer' | 'alternative' = 'offer', offer = offerOf()) {
  const answer = acceptOffer(offer, { relationship: RELATIONSHIP, choice, ...(narrowing && { narrowing }) })
  return agree(cryptography, offer, answer)
}

it('Ana may drop what is optional, shorten what is kept and strike third parties', () => {
  const agreed = answered({
    without: [{ credential: 'address', claim: 'birth' }],
    keptDays: 0,
    struckThirdParties: ['agency', 'insurer'],
  })
  if (!agreed.ok) throw new Error(codesOf(agreed).join())
  expect(agreed.contract.terms.what[0]?.optional).toEqual([])
  expect(agreed.contract.terms.kept.days).toBe(0)
  expect(agreed.contract.terms.thirdParties).toEqual([])
})

it('nobody can widen an offer by answering it', () => {
  expect(codesOf(answered({ keptDays: 91 }))).toEqual(['answer_too_wide'])
  expect(codesOf(answered({ struckThirdParties: ['advertiser'] }))).toEqual(['answer_unknown_term'])
  expect(codesOf(answered({ without: [{ credential: 'address', claim: 'town' }] }))).toEqual([
    'answer_drops_required',
  ])
  expect(codesOf(answered({ without: [{ credential: 'address', claim: 'street' }] }))).toEqual([
    'answer_unknown_term',
  ])
  expect(codesOf(answered({ struckThirdParties: ['agency', 'agency'] }))).toEqual(['answer_unknown_term'])
  expect(codesOf(answered(undefined, 'alternative'))).toEqual(['answer_no_alternative'])
  const answer = acceptOffer({ hash: 'E'.repeat(43) }, { relationship: RELATIONSHIP })
  expect(codesOf(agree(cryptography, offerOf(), answer))).toEqual(['answer_for_another_offer'])
})

it('an answer cannot say more than an answer says', () => {
  const answer = acceptOffer(offerOf(), { relationship: RELATIONSHIP })
  const refused = expect.objectContaining({ code: 'ERR_MALFORMED' })
  expect(parseAnswer(answer)).toEqual(answer)
  expect(() => parseAnswer({ ...answer, narrowing: { purpose: 'other' } })).toThrow(refused)
  expect(() => parseAnswer({ ...answer, terms: {} })).toThrow(refused)
  expect(() => parseAnswer({ ...answer, narrowing: { keptDays: -1 } })).toThrow(refused)
  expect(() => parseAnswer(null)).toThrow(refused)
})

it('an offer to one person cannot be answered by another', () => {
  const offer = offerOf()
  const personal = { ...offer, proposal: { ...offer.proposal, relationship: 'did:peer:4bob' } }
  const answer = acceptOffer(personal, { relationship: RELATIONSHIP })
  expect(codesOf(agree(cryptography, personal, answer))).toEqual(['answer_for_another_relationship'])
})

it('Ana may take the alternative, and the contract says so', () => {
  const alternative = landlordsTerms({ kept: { days: 7, text: { en: 'A note.', fr: 'Une note.' } } })
  const agreed = answered(undefined, 'alternative', offerOf(landlordsTerms(), alternative))
  expect(agreed).toMatchObject({
    ok: true,
    contract: { choice: 'alternative', terms: { kept: { days: 7 } } },
  })
})

it('whatever the narrowing, both sides compute the same contract, and it is never wider than the offer', async () => {
  const terms = landlordsTerms()
  await eachSeed((seed) =>
    fc.assert(
      fc.property(
        fc.record({
          keptDays: fc.integer({ min: 0, max: 120 }),
          without: fc.subarray([{ credential: 'address', claim: 'birth' }], { minLength: 1 }),
          struckThirdParties: fc.subarray(['insurer', 'agency'], { minLength: 1 }),
        }),
        (narrowing) => {
          const here = answered(narrowing)
          const there = answered(structuredClone(narrowing))
          expect(here).toEqual(there)
          expect(here.ok).toBe(narrowing.keptDays <= terms.kept.days)
          if (!here.ok) return
          expect(here.contract.terms.kept.days).toBeLessThanOrEqual(terms.kept.days)
          const ids = terms.thirdParties.map(({ id }) => id)
          for (const { id } of here.contract.terms.thirdParties) expect(ids).toContain(id)
        },
      ),
      { seed },
    ),
  )
})

it('every change of a contract changes its name', () => {
  const names = [undefined, { keptDays: 89 }, { struckThirdParties: ['agency'] }].map((narrowing) => {
    const agreed = answered(narrowing)
    return agreed.ok ? agreed.hash : undefined
  })
  expect(new Set(names).size).toBe(3)
  expect(names).not.toContain(undefined)
})

it('what was agreed is a query without choices', () => {
  const agreed = answered({ without: [{ credential: 'address', claim: 'birth' }] })
  if (!agreed.ok) throw new Error('it is agreed')
  const address = agreedQuery(agreed.contract).credentials.at(0)
  expect(address?.claims.map(({ id }) => id)).toEqual(['town', 'postcode'])
  expect(address).not.toHaveProperty('claim_sets')
})

it('a contract reads in plain English and French', () => {
  const agreed = answered({ keptDays: 1, struckThirdParties: ['agency', 'insurer'] })
  if (!agreed.ok) throw new Error('it is agreed')
  expect(describeContract(agreed.contract, 'en')).toMatchObject({
    who: 'Immo Sud asks (did:web:landlord.example)',
    purpose: 'To choose a tenant.',
    kept: 'What you show. Kept for 1 day, then deleted.',
    thirdParties: ['Nobody else gets it.'],
    erasure: 'You may demand that it is erased at any time; it is done within 30 days.',
  })
  expect(describeContract(agreed.contract, 'fr')).toMatchObject({
    kept: 'Ce que vous montrez. Conservé pendant 1 jour, puis supprimé.',
    thirdParties: ['Personne d’autre ne le reçoit.'],
  })
  expect(describeOffer(offerOf().proposal, 'en').offer.what).toEqual([
    'Proof of address: town',
    'Proof of address: postcode',
    'Proof of address: date of birth (optional)',
    'Income: at least 2,000 € = true',
  ])
})
