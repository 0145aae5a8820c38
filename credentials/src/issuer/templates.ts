import { MunimentError, type Problem } from '@muniment/interface'
import type { ClaimPath } from '../formats/sd-jwt/claim-path.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../jose/json.ts'

/** A text shown to a person, in English and French. */
export interface Label {
  readonly en: string
  readonly fr: string
}

/** One claim of a type of credential. */
export interface ClaimTemplate {
  readonly path: readonly string[]
  readonly label: Label
  readonly kind: 'text' | 'date' | 'decimal' | 'thresholds'
  readonly required: boolean
  /** Whether a holder may keep it back. */
  readonly disclosable: boolean
}

/** A type of credential, as an issuer offers it and a holder shows it. */
export interface CredentialTemplate {
  /** The `credential_configuration_id`. */
  readonly id: string
  readonly vct: string
  readonly label: Label
  readonly claims: readonly ClaimTemplate[]
}

/** Incomes a year that an issuer answers for, in the credential's currency. Each is a claim of its own. */
export const INCOME_THRESHOLDS: readonly string[] = [
  '15000',
  '20000',
  '25000',
  '30000',
  '40000',
  '50000',
  '75000',
  '100000',
]

function claim(path: readonly string[], label: Label, more: Partial<ClaimTemplate> = {}): ClaimTemplate {
  return { path, label, kind: 'text', required: true, disclosable: true, ...more }
}

const NAMES: readonly ClaimTemplate[] = [
  claim(['given_name'], { en: 'Given names', fr: 'Prénoms' }),
  claim(['family_name'], { en: 'Family name', fr: 'Nom' }),
]

/** A council certifies where somebody lives; every line of the address can be kept back. */
export const PROOF_OF_ADDRESS: CredentialTemplate = {
  id: 'proof-of-address',
  vct: 'urn:muniment:credential:proof-of-address:1',
  label: { en: 'Proof of address', fr: 'Justificatif de domicile' },
  claims: [
    ...NAMES,
    claim(['address', 'street_address'], { en: 'Street', fr: 'Rue' }),
    claim(['address', 'postal_code'], { en: 'Postcode', fr: 'Code postal' }),
    claim(['address', 'locality'], { en: 'Town', fr: 'Commune' }),
    claim(['address', 'country'], { en: 'Country', fr: 'Pays' }),
    claim(
      ['resident_since'],
      { en: 'Resident since', fr: 'Domicilié depuis' },
      { kind: 'date', required: false },
    ),
  ],
}

/** A university certifies a degree. */
export const DEGREE: CredentialTemplate = {
  id: 'degree',
  vct: 'urn:muniment:credential:degree:1',
  label: { en: 'Degree', fr: 'Diplôme' },
  claims: [
    ...NAMES,
    claim(['institution'], { en: 'Institution', fr: 'Établissement' }, { disclosable: false }),
    claim(['degree'], { en: 'Degree', fr: 'Diplôme' }),
    claim(['field_of_study'], { en: 'Field of study', fr: 'Domaine' }),
    claim(['awarded_on'], { en: 'Awarded on', fr: 'Délivré le' }, { kind: 'date' }),
    claim(['grade'], { en: 'Grade', fr: 'Mention' }, { required: false }),
  ],
}

/** An employer or bank certifies an income: the amount, and for each threshold whether it is reached. */
export const PROOF_OF_INCOME: CredentialTemplate = {
  id: 'proof-of-income',
  vct: 'urn:muniment:credential:proof-of-income:1',
  label: { en: 'Proof of income', fr: 'Justificatif de revenus' },
  claims: [
    ...NAMES,
    claim(['employer'], { en: 'Employer', fr: 'Employeur' }),
    claim(['currency'], { en: 'Currency', fr: 'Devise' }, { disclosable: false }),
    claim(['annual_income'], { en: 'Income a year', fr: 'Revenu annuel' }, { kind: 'decimal' }),
    claim(['income_at_least'], { en: 'Income at least', fr: 'Revenu d’au moins' }, { kind: 'thresholds' }),
  ],
}

/** The types of credential that come with Muniment; an issuer may bring others. */
export const TEMPLATES: readonly CredentialTemplate[] = [PROOF_OF_ADDRESS, DEGREE, PROOF_OF_INCOME]

/**
 * For every threshold whether an income reaches it. All are answered, also with no, so that the number of digests in the
 * credential says nothing. Throws `ERR_INVALID_ARGUMENT` when the income is not a decimal text.
 *
 * @param income - a decimal text, e.g. `31250.50`
 */
export function incomeAtLeast(
  income: string,
  thresholds: readonly string[] = INCOME_THRESHOLDS,
): Readonly<Record<string, boolean>> {
  const whole = DECIMAL.exec(income)?.[1]
  if (whole === undefined) throw new MunimentError('ERR_INVALID_ARGUMENT', 'an income is a decimal text')
  return Object.fromEntries(thresholds.map((threshold) => [threshold, BigInt(whole) >= BigInt(threshold)]))
}

const DECIMAL = /^([0-9]{1,15})(?:\.[0-9]{1,4})?$/
const DATE = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/
const THRESHOLD = /^[0-9]{1,15}$/

/** What keeps claims from being those of the template: `claim_missing`, `claim_malformed`, `claim_unknown`. */
export function templateProblems(template: CredentialTemplate, claims: JsonObject): readonly Problem[] {
  const problems: Problem[] = []
  for (const { kind, label, path, required } of template.claims) {
    const value = valueAt(claims, path)
    if (value === undefined) {
      if (required) problems.push({ code: 'claim_missing', message: `${label.en} is missing.` })
    } else if (!fits(kind, value)) {
      problems.push({ code: 'claim_malformed', message: `${label.en} is not written as it should be.` })
    }
  }
  if (!isCovered(template, claims, [])) {
    problems.push({
      code: 'claim_unknown',
      message: 'There is a claim that this type of credential does not have.',
    })
  }
  return problems
}

/** The paths of the claims that a holder may keep back: each threshold on its own. */
export function disclosablePaths(template: CredentialTemplate, claims: JsonObject): readonly ClaimPath[] {
  return template.claims
    .filter(({ disclosable }) => disclosable)
    .flatMap(({ kind, path }): ClaimPath[] => {
      const value = valueAt(claims, path)
      if (value === undefined) return []
      if (kind !== 'thresholds' || !isJsonObject(value)) return [path]
      return Object.keys(value).map((threshold) => path.concat(threshold))
    })
}

function valueAt(claims: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = claims
  for (const step of path) {
    value = isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined
  }
  return value
}

function fits(kind: ClaimTemplate['kind'], value: JsonValue): boolean {
  if (kind === 'thresholds') {
    if (!isJsonObject(value)) return false
    return Object.entries(value).every(
      ([name, reached]) => THRESHOLD.test(name) && typeof reached === 'boolean',
    )
  }
  if (typeof value !== 'string' || value === '') return false
  if (kind === 'date') return DATE.test(value)
  return kind === 'text' || DECIMAL.test(value)
}

/** True when every value stands on the path of a claim of the template. */
function isCovered(template: CredentialTemplate, value: JsonObject, at: readonly string[]): boolean {
  return Object.entries(value).every(([name, member]) => {
    const path = [...at, name]
    if (template.claims.some((known) => known.path.join('\n') === path.join('\n'))) return true
    const isOnTheWay = template.claims.some(({ path: known }) =>
      path.every((step, index) => known[index] === step),
    )
    return isOnTheWay && isJsonObject(member) && isCovered(template, member, path)
  })
}
