import type { Did } from '@muniment/interface'
import * as v from 'valibot'
import {
  MAX_CLAIMS,
  MAX_CREDENTIALS,
  MAX_OPTIONAL_CLAIMS,
  MAX_RETENTION_DAYS,
  MAX_TEXT,
  MAX_THIRD_PARTIES,
} from './constants.ts'
import { didSchema, idSchema, parseAs, wholeSchema } from './schemas.ts'

/** One text in the two languages that a person may be shown, in plain words and without markup. */
export interface BilingualText {
  readonly en: string
  readonly fr: string
}

/** A place in a credential: names of members, indices, or `null` for every element (OpenID4VP 1.0, section 7). */
export type ClaimPath = readonly (string | number | null)[]

/** One claim asked for. */
export interface ClaimTerm {
  /** Unique within its credential. */
  readonly id: string
  readonly path: ClaimPath
  readonly label: BilingualText
  /** When present, only these values will do (DCQL `values`). */
  readonly values?: readonly (string | number | boolean)[]
  /** What kind of personal data it is, in W3C DPV-PD, e.g. `pd:PostalCode`. */
  readonly concept?: string
}

/** What is asked of one credential. A credential with no required claim may be left out. */
export interface CredentialTerm {
  /** Unique within an offer; the id of the DCQL credential query and of the member of `vp_token`. */
  readonly id: string
  /** The types that will do (`vct`). */
  readonly vct: readonly string[]
  readonly label: BilingualText
  readonly required: readonly ClaimTerm[]
  readonly optional: readonly ClaimTerm[]
}

/** Someone else who would get what was disclosed. */
export interface ThirdPartyTerm {
  readonly id: string
  readonly name: string
  readonly did?: Did
  /** What it gets it for. */
  readonly text: BilingualText
  /** The kind of recipient, in W3C DPV, e.g. `dpv:DataProcessor`. */
  readonly concept: string
}

/**
 * The six terms. As an offer makes them they are the widest that can be agreed (protocol rule 15); an answer may
 * only narrow them.
 */
export interface Terms {
  /** 1. What data. */
  readonly what: readonly CredentialTerm[]
  /** 2. What for: a purpose in W3C DPV and in words, and the legal basis, e.g. `eu-gdpr:A6-1-b`. */
  readonly purpose: { readonly concept: string; readonly basis: string; readonly text: BilingualText }
  /** 3. What is given back. */
  readonly givenBack: { readonly text: BilingualText }
  /** 4. What is kept, and for how many days; 0 when nothing is kept. The text names what, never how long. */
  readonly kept: { readonly days: number; readonly text: BilingualText }
  /** 5. Which third parties. */
  readonly thirdParties: readonly ThirdPartyTerm[]
  /** 6. Whether a demand for erasure is honoured, and within how many days. */
  readonly erasure: { readonly honoured: boolean; readonly withinDays?: number }
  /** The id of an agreement of IEEE 7012, where one applies. */
  readonly agreement?: string
}

/** No control, format, private or lone surrogate characters: a text cannot turn the screen around or hide a word. */
const plainText = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(MAX_TEXT),
  v.regex(/^[^\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]+$/u),
)

/** A plain name of an organisation. */
export const nameSchema: v.GenericSchema<unknown, string> = v.pipe(plainText, v.maxLength(100))

const bilingual = v.strictObject({ en: plainText, fr: plainText })
const concept = v.pipe(v.string(), v.regex(/^(dpv|pd|eu-gdpr|tech|loc):[A-Za-z0-9-]{1,64}$/))

const claim = v.strictObject({
  id: idSchema,
  path: v.pipe(
    v.array(
      v.union([v.pipe(v.string(), v.minLength(1), v.maxLength(100)), wholeSchema(0, 10_000), v.null()]),
    ),
    v.minLength(1),
    v.maxLength(8),
  ),
  label: bilingual,
  values: v.exactOptional(
    v.pipe(
      v.array(
        v.union([v.pipe(v.string(), v.maxLength(200)), wholeSchema(Number.MIN_SAFE_INTEGER), v.boolean()]),
      ),
      v.minLength(1),
      v.maxLength(32),
    ),
  ),
  concept: v.exactOptional(concept),
})

const credential = v.pipe(
  v.strictObject({
    id: idSchema,
    vct: v.pipe(
      v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(300))),
      v.minLength(1),
      v.maxLength(8),
    ),
    label: bilingual,
    required: v.pipe(v.array(claim), v.maxLength(MAX_CLAIMS)),
    optional: v.pipe(v.array(claim), v.maxLength(MAX_OPTIONAL_CLAIMS)),
  }),
  v.check(({ required, optional }) => required.length + optional.length > 0),
  v.check(({ required, optional }) => distinct([...required, ...optional].map(({ id }) => id))),
  v.check(({ required, optional }) =>
    distinct([...required, ...optional].map(({ path }) => JSON.stringify(path))),
  ),
)

const thirdParty = v.strictObject({
  id: idSchema,
  name: nameSchema,
  did: v.exactOptional(didSchema),
  text: bilingual,
  concept,
})

/** Terms as they stand in transaction data, strictly: a term we do not know cannot be shown, so it is refused. */
export const termsSchema: v.GenericSchema<unknown, Terms> = v.strictObject({
  what: v.pipe(
    v.array(credential),
    v.minLength(1),
    v.maxLength(MAX_CREDENTIALS),
    v.check((credentials) => distinct(credentials.map(({ id }) => id))),
  ),
  purpose: v.strictObject({ concept, basis: concept, text: bilingual }),
  givenBack: v.strictObject({ text: bilingual }),
  kept: v.strictObject({ days: wholeSchema(0, MAX_RETENTION_DAYS), text: bilingual }),
  thirdParties: v.pipe(
    v.array(thirdParty),
    v.maxLength(MAX_THIRD_PARTIES),
    v.check((parties) => distinct(parties.map(({ id }) => id))),
  ),
  erasure: v.strictObject({
    honoured: v.boolean(),
    withinDays: v.exactOptional(wholeSchema(0, MAX_RETENTION_DAYS)),
  }),
  agreement: v.exactOptional(v.pipe(plainText, v.maxLength(200))),
})

/** Parses the six terms. Throws `ERR_MALFORMED`, also for a member that is not known. */
export function parseTerms(value: unknown): Terms {
  return parseAs(termsSchema, value, 'a set of contract terms')
}

function distinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length
}
