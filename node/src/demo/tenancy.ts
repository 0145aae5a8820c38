import type { RequestDraft } from '../organisation/open-organisation.ts'

const ADDRESS = 'urn:muniment:credential:proof-of-address:1'
const INCOME = 'urn:muniment:credential:proof-of-income:1'

/** What Ana's council certifies. */
export const ADDRESS_CLAIMS = {
  given_name: 'Ana',
  family_name: 'Moreau',
  address: {
    street_address: '14 rue des Lilas',
    postal_code: '69003',
    locality: 'Lyon',
    country: 'FR',
  },
  resident_since: '2021-04-01',
} as const

/** What her university certifies. */
export const DEGREE_CLAIMS = {
  given_name: 'Ana',
  family_name: 'Moreau',
  institution: 'Université de Lyon',
  degree: 'Master of Science',
  field_of_study: 'Hydrology',
  awarded_on: '2019-07-05',
  grade: 'Mention bien',
} as const

/** What her employer certifies, the thresholds made from the amount by the issuer. */
export const INCOME_CLAIMS = {
  given_name: 'Ana',
  family_name: 'Moreau',
  employer: 'Eau du Rhône',
  currency: 'EUR',
  annual_income: '33480.00',
} as const

/** A landlord's six terms: town, postcode, since when if one likes, and an income of at least 30,000 a year. */
const TERMS: RequestDraft['terms'] = {
  what: [
    {
      id: 'address',
      vct: [ADDRESS],
      label: { en: 'Proof of address', fr: 'Justificatif de domicile' },
      required: [
        { id: 'town', path: ['address', 'locality'], label: { en: 'Town', fr: 'Commune' } },
        {
          id: 'postcode',
          path: ['address', 'postal_code'],
          label: { en: 'Postcode', fr: 'Code postal' },
        },
      ],
      optional: [
        {
          id: 'since',
          path: ['resident_since'],
          label: { en: 'Resident since', fr: 'Domicilié depuis' },
        },
      ],
    },
    {
      id: 'income',
      vct: [INCOME],
      label: { en: 'Proof of income', fr: 'Justificatif de revenus' },
      required: [
        {
          id: 'at-least-30000',
          path: ['income_at_least', '30000'],
          label: { en: 'Income of at least 30,000 a year', fr: 'Revenu d’au moins 30 000 par an' },
          values: [true],
        },
      ],
      optional: [],
    },
  ],
  purpose: {
    concept: 'dpv:ServiceProvision',
    basis: 'eu-gdpr:A6-1-b',
    text: {
      en: 'To decide on your application for the flat.',
      fr: 'Pour décider de votre candidature au logement.',
    },
  },
  givenBack: { text: { en: 'An answer within three days.', fr: 'Une réponse sous trois jours.' } },
  kept: { days: 90, text: { en: 'The three facts above.', fr: 'Les trois faits ci-dessus.' } },
  thirdParties: [
    {
      id: 'insurer',
      name: 'Rent Insurance Ltd',
      text: {
        en: 'To quote for insurance against unpaid rent.',
        fr: 'Pour un devis d’assurance loyers impayés.',
      },
      concept: 'dpv:DataProcessor',
    },
  ],
  erasure: { honoured: true, withinDays: 7 },
}

/** What the landlord asks, trusting these issuers. */
export function tenancyRequest(issuers: readonly string[]): RequestDraft {
  return { issuers, terms: TERMS }
}
