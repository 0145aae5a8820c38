import type { ClaimTerm, CredentialTerm, Terms } from './terms.ts'

/** One claim of a {@link DcqlQuery} (OpenID4VP 1.0, section 6.3). */
export interface DcqlClaim {
  readonly id: string
  readonly path: readonly (string | number | null)[]
  readonly values?: readonly (string | number | boolean)[]
}

/** One credential of a {@link DcqlQuery} (OpenID4VP 1.0, section 6.1). */
export interface DcqlCredential {
  readonly id: string
  readonly format: 'dc+sd-jwt'
  readonly meta: { readonly vct_values: readonly string[] }
  readonly claims: readonly DcqlClaim[]
  readonly claim_sets?: readonly (readonly string[])[]
}

/** Which credentials are needed together (OpenID4VP 1.0, section 6.2). */
export interface DcqlCredentialSet {
  readonly options: readonly (readonly string[])[]
  readonly required: boolean
}

/** A query in the Digital Credentials Query Language, as far as contracts use it. */
export interface DcqlQuery {
  readonly credentials: readonly DcqlCredential[]
  readonly credential_sets?: readonly DcqlCredentialSet[]
}

/**
 * The DCQL query that asks for exactly what the terms name. It is derived, never written, so that the words a person
 * reads and the query a machine answers cannot differ.
 *
 * @param alternative - the second set of terms of an offer, if it has one: either will do
 */
export function dcqlOf(terms: Terms, alternative?: Terms): DcqlQuery {
  const choices = alternative && !sameWhat(terms, alternative) ? [terms, alternative] : [terms]
  const asked = choices.flatMap(({ what }) => what)
  const credentials = asked.map(credentialQuery)
  if (choices.length === 1 && asked.every(isNeeded)) return { credentials }
  const needed = choices
    .map(({ what }) => what.filter(isNeeded).map(({ id }) => id))
    .filter(({ length }) => length > 0)
  const sets: DcqlCredentialSet[] =
    needed.length > 0 ? [{ options: needed, required: needed.length === choices.length }] : []
  for (const { id } of asked.filter((credential) => !isNeeded(credential))) {
    sets.push({ options: [[id]], required: false })
  }
  return { credentials, credential_sets: sets }
}

/** True when both sets of terms ask for the same data, so that one query serves both. */
export function sameWhat(left: Terms, right: Terms): boolean {
  return JSON.stringify(dcqlOf(left)) === JSON.stringify(dcqlOf(right))
}

function isNeeded({ required }: CredentialTerm): boolean {
  return required.length > 0
}

function credentialQuery({ id, vct, required, optional }: CredentialTerm): DcqlCredential {
  const query = {
    id,
    format: 'dc+sd-jwt',
    meta: { vct_values: vct },
    claims: [...required, ...optional].map(claimQuery),
  } as const
  if (optional.length === 0) return query
  const kept = required.map((claim) => claim.id)
  const sets = subsets(optional.map((claim) => claim.id)).map((chosen) => kept.concat(chosen))
  return { ...query, claim_sets: sets.filter(({ length }) => length > 0) }
}

function claimQuery({ id, path, values }: ClaimTerm): DcqlClaim {
  return values ? { id, path, values } : { id, path }
}

/** Every combination, the largest first, because DCQL tries claim sets in the order of the verifier's preference. */
function subsets(ids: readonly string[]): readonly (readonly string[])[] {
  const all = Array.from({ length: 2 ** ids.length }, (_, mask) =>
    ids.filter((_id, index) => (mask >> index) & 1),
  )
  return all.toSorted((left, right) => right.length - left.length)
}
