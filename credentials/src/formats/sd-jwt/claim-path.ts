import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../jose/json.ts'
import type { ConcretePath } from './process-payload.ts'

/**
 * A path into claims, as in DCQL (OpenID4VP 1.0, section 7): a text selects a member, a number an element, `null` every
 * element of an array.
 */
export type ClaimPath = readonly (string | number | null)[]

/** The places in the claims that a path selects; none when it leads nowhere. */
export function expandPath(claims: JsonObject, path: ClaimPath): readonly ConcretePath[] {
  let places: { path: ConcretePath; value: JsonValue }[] = [{ path: [], value: claims }]
  for (const step of path) {
    places = places.flatMap((place) =>
      children(place.value, step).map(([at, value]) => ({ path: [...place.path, at], value })),
    )
  }
  return places.map((place) => place.path)
}

function children(value: JsonValue, step: string | number | null): [string | number, JsonValue][] {
  if (typeof step === 'string') {
    const member = isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined
    return member === undefined ? [] : [[step, member]]
  }
  if (!isJsonArray(value)) return []
  if (step === null) return [...value.entries()]
  const element = value[step]
  return element === undefined ? [] : [[step, element]]
}
