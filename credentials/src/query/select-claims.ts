import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../jose/json.ts'
import type { ClaimPath, ClaimQuery, CredentialQuery } from './dcql-query.ts'

/** The place of one claim: names and numbers from the top, without `null`. */
export type ClaimPlace = readonly (string | number)[]

/** Elements that one path may select, so that nested arrays cannot multiply without end. */
export const MAX_SELECTED = 1024

interface Selected {
  readonly place: ClaimPlace
  readonly value: JsonValue
}

/**
 * The places that a claims path points to (OpenID4VP 1.0, section 7.1), or `undefined` when a step does not fit what is
 * there, or nothing is left.
 */
export function placesOf(
  claims: JsonObject,
  { path, values }: ClaimQuery,
): readonly ClaimPlace[] | undefined {
  let selected: readonly Selected[] | undefined = [{ place: [], value: claims }]
  for (const step of path) {
    selected = take(selected, step)
    if (!selected || selected.length === 0 || selected.length > MAX_SELECTED) return undefined
  }
  const wanted = values
    ? selected.filter(({ value }) => values.some((accepted) => accepted === value))
    : selected
  return wanted.length > 0 ? wanted.map(({ place }) => place) : undefined
}

/** One step (section 7.1): a kind that does not fit ends it all, an absent member or element only drops its branch. */
function take(from: readonly Selected[], step: ClaimPath[number]): readonly Selected[] | undefined {
  const next: Selected[] = []
  for (const { place, value } of from) {
    if (typeof step === 'string') {
      if (!isJsonObject(value)) return undefined
      const member = Object.hasOwn(value, step) ? value[step] : undefined
      if (member !== undefined) next.push({ place: [...place, step], value: member })
    } else {
      if (!isJsonArray(value)) return undefined
      const indices = step === null ? value.keys() : [step]
      for (const index of indices) {
        const element = value[index]
        if (element !== undefined) next.push({ place: [...place, index], value: element })
      }
    }
  }
  return next
}

/**
 * The claims of one credential that answer a query, each place once: all of `claims`, or the first of `claim_sets` that
 * can be met (OpenID4VP 1.0, section 6.4.1). `undefined` when the credential does not meet it.
 */
export function selectClaims(query: CredentialQuery, claims: JsonObject): readonly ClaimPlace[] | undefined {
  if (!query.claims) return []
  const byId = new Map(query.claims.map((claim) => [claim.id, claim]))
  const alternatives: readonly (readonly ClaimQuery[])[] = query.claimSets
    ? query.claimSets.map((ids) => ids.flatMap((id) => byId.get(id) ?? []))
    : [query.claims]
  for (const alternative of alternatives) {
    const places = alternative.map((claim) => placesOf(claims, claim))
    if (places.every((found) => found !== undefined)) return unique(places.flat())
  }
  return undefined
}

function unique(places: readonly ClaimPlace[]): readonly ClaimPlace[] {
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()]
}
