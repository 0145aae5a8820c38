import type { ClaimPath } from '../formats/sd-jwt/claim-path.ts'
import type { ConcretePath } from '../formats/sd-jwt/process-payload.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../jose/json.ts'
import type { ClaimQuery, CredentialQuery } from './dcql-query.ts'

/** Elements that one path may select, so that nested arrays cannot multiply without end. */
export const MAX_SELECTED = 1024

interface Selected {
  readonly place: ConcretePath
  readonly value: JsonValue
}

/**
 * What the claims are those of: a credential with everything disclosed, or a presentation, in which elements of arrays
 * that were not disclosed are gone, so that a number no longer says which element is meant.
 */
export type ClaimsOf = 'credential' | 'presentation'

/**
 * The places that a claims path points to (OpenID4VP 1.0, section 7.1), or `undefined` when a step does not fit what is
 * there, or nothing is left. In a presentation a number stands for any element, and what does not fit is passed over.
 */
export function placesOf(
  claims: JsonObject,
  { path, values }: ClaimQuery,
  claimsOf: ClaimsOf = 'credential',
): readonly ConcretePath[] | undefined {
  let selected: readonly Selected[] | undefined = [{ place: [], value: claims }]
  for (const step of path) {
    selected = take(selected, step, claimsOf)
    if (!selected || selected.length === 0 || selected.length > MAX_SELECTED) return undefined
  }
  const wanted = values
    ? selected.filter(({ value }) => values.some((accepted) => accepted === value))
    : selected
  return wanted.length > 0 ? wanted.map(({ place }) => place) : undefined
}

/** One step (section 7.1): a kind that does not fit ends it all, an absent member or element only drops its branch. */
function take(
  from: readonly Selected[],
  step: ClaimPath[number],
  claimsOf: ClaimsOf,
): readonly Selected[] | undefined {
  const next: Selected[] = []
  for (const selected of from) {
    const children = childrenOf(selected, step, claimsOf)
    if (children) next.push(...children)
    else if (claimsOf === 'credential') return undefined
  }
  return next
}

function childrenOf(
  { place, value }: Selected,
  step: ClaimPath[number],
  claimsOf: ClaimsOf,
): readonly Selected[] | undefined {
  if (typeof step === 'string') {
    if (!isJsonObject(value)) return undefined
    const member = Object.hasOwn(value, step) ? value[step] : undefined
    return member === undefined ? [] : [{ place: [...place, step], value: member }]
  }
  if (!isJsonArray(value)) return undefined
  const indices = step === null || claimsOf === 'presentation' ? [...value.keys()] : [step]
  return indices.flatMap((index) => {
    const element = value[index]
    return element === undefined ? [] : [{ place: [...place, index], value: element }]
  })
}

/**
 * The claims of one credential that answer a query, each place once: all of `claims`, or the first of `claim_sets` that
 * can be met (OpenID4VP 1.0, section 6.4.1). `undefined` when the credential does not meet it.
 */
export function selectClaims(
  query: CredentialQuery,
  claims: JsonObject,
  claimsOf: ClaimsOf = 'credential',
): readonly ConcretePath[] | undefined {
  if (!query.claims) return []
  const byId = new Map(query.claims.map((claim) => [claim.id, claim]))
  const alternatives: readonly (readonly ClaimQuery[])[] = query.claimSets
    ? query.claimSets.map((ids) => ids.flatMap((id) => byId.get(id) ?? []))
    : [query.claims]
  for (const alternative of alternatives) {
    const places = alternative.map((claim) => placesOf(claims, claim, claimsOf))
    if (places.every((found) => found !== undefined)) return unique(places.flat())
  }
  return undefined
}

function unique(places: readonly ConcretePath[]): readonly ConcretePath[] {
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()]
}
