import type { Outcome, Problem } from '@muniment/interface'
import type { ConcretePath } from '../formats/sd-jwt/process-payload.ts'
import type { JsonObject } from '../jose/json.ts'
import type { CredentialQuery, CredentialSetQuery, DcqlQuery } from './dcql-query.ts'
import { type ClaimsOf, selectClaims } from './select-claims.ts'

/** A credential as selection sees it: its type and its claims, with everything disclosed. */
export interface SelectableCredential {
  readonly vct: string
  readonly claims: JsonObject
}

/** A credential that answers one credential query, and what of it. */
export interface Match<T extends SelectableCredential> {
  readonly credential: T
  /** The least that answers: places in `claims`, each with all that lies below it. */
  readonly disclose: readonly ConcretePath[]
}

/** What a person holds that answers a query. */
export interface QuerySelection<T extends SelectableCredential> {
  /** For each credential query, by id, the credentials that answer it; an empty list where none does. */
  readonly matches: Readonly<Record<string, readonly Match<T>[]>>
  /** The queries to answer: all, or of each required set the first option that can be met. Optional sets are left out. */
  readonly chosen: readonly string[]
  /** Options of each credential set that can be met, the verifier's favourite first. */
  readonly sets: readonly { readonly required: boolean; readonly options: readonly (readonly string[])[] }[]
  /** What of the query was not looked at: `trusted_authorities_ignored`. */
  readonly notes: readonly Problem[]
}

/**
 * Finds which held credentials answer a query and what each has to disclose at the least (OpenID4VP 1.0, section 6.4).
 * Problems: `no_matching_credential` for each required credential or set that nothing meets, `format_unsupported` beside it
 * where the format is the reason.
 */
export function selectCredentials<T extends SelectableCredential>(
  query: DcqlQuery,
  held: readonly T[],
): Outcome<QuerySelection<T>> {
  const matches: Readonly<Record<string, readonly Match<T>[]>> = Object.fromEntries(
    query.credentials.map((asked) => [asked.id, matching(asked, held)]),
  )
  const answered = (id: string): boolean => (matches[id] ?? []).length > 0
  const { chosen, missing } = choose(query, answered)
  if (missing.length > 0) return { ok: false, problems: missing }
  const sets = (query.credentialSets ?? []).map((set) => ({
    required: set.required,
    options: options(set, answered),
  }))
  return { ok: true, matches, chosen, sets, notes: notesOn(query) }
}

function matching<T extends SelectableCredential>(
  query: CredentialQuery,
  held: readonly T[],
): readonly Match<T>[] {
  return held.flatMap((credential) => {
    const disclose = answers(query, credential)
    return disclose ? [{ credential, disclose }] : []
  })
}

/** What this credential discloses for the query; `undefined` when it does not answer it. */
export function answers(
  query: CredentialQuery,
  { vct, claims }: SelectableCredential,
  claimsOf: ClaimsOf = 'credential',
): readonly ConcretePath[] | undefined {
  if (query.format !== 'dc+sd-jwt' || !query.vctValues.includes(vct)) return undefined
  return selectClaims(query, claims, claimsOf)
}

/** Which credential queries must be answered, given which can be (OpenID4VP 1.0, section 6.4.2). */
export function choose(
  query: DcqlQuery,
  answered: (id: string) => boolean,
): { readonly chosen: readonly string[]; readonly missing: readonly Problem[] } {
  const { credentials, credentialSets } = query
  if (!credentialSets) {
    const absent = credentials.filter(({ id }) => !answered(id))
    return { chosen: credentials.map(({ id }) => id), missing: absent.flatMap(explain) }
  }
  const chosen = new Set<string>()
  const missing: Problem[] = []
  for (const set of credentialSets.filter(({ required }) => required)) {
    const [first] = options(set, answered)
    for (const id of first ?? []) chosen.add(id)
    if (!first) missing.push(none(set.options.map((option) => option.join(' + ')).join(', ')))
  }
  return { chosen: [...chosen], missing }
}

function options(set: CredentialSetQuery, answered: (id: string) => boolean): readonly (readonly string[])[] {
  return set.options.filter((option) => option.every(answered))
}

function explain({ id, format }: CredentialQuery): readonly Problem[] {
  if (format === 'dc+sd-jwt') return [none(id)]
  return [
    none(id),
    {
      code: 'format_unsupported',
      message: `Credentials of the format asked for in ${id} are not held here.`,
    },
  ]
}

function none(what: string): Problem {
  return { code: 'no_matching_credential', message: `No credential here answers: ${what}.` }
}

function notesOn({ credentials }: DcqlQuery): readonly Problem[] {
  if (!credentials.some(({ namesAuthorities }) => namesAuthorities)) return []
  return [
    {
      code: 'trusted_authorities_ignored',
      message: 'The request names trusted authorities, which were not looked at.',
    },
  ]
}
