import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../jose/json.ts'
import type { ConcretePath } from './process-payload.ts'

/**
 * A path into claims, as in DCQL (OpenID4VP 1.0, section 7): a text selects a member, a number an element, `null` every
 * element of an array.
 */
export type ClaimPath = readonly (string | number | null)[]

/** The places in the claims that a path selects; none when it leads nowhere. */
export function expandPath(claims: JsonObject, path: ClaimPath): readonly ConcretePath[] {
  let value: JsonValue = claims
  for (let index = 0; index < path.length; index++) {
    const step = path[index]
    if (step === undefined) return []
    if (step === null) return expandElements(claims, value, { path, index })
    const child: JsonValue | undefined = typeof step === 'string' ? member(value, step) : element(value, step)
    if (child === undefined) return []
    value = child
  }
  return isConcrete(path) ? [path] : []
}

/** The places for each element of the array `value`, which stands where the path has its `null` at `index`. */
function expandElements(
  claims: JsonObject,
  value: JsonValue,
  { path, index }: { readonly path: ClaimPath; readonly index: number },
): readonly ConcretePath[] {
  if (!isJsonArray(value)) return []
  return value.flatMap((_, position) => expandPath(claims, path.with(index, position)))
}

function isConcrete(path: ClaimPath): path is ConcretePath {
  return !path.includes(null)
}

function member(value: JsonValue, name: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function element(value: JsonValue, index: number): JsonValue | undefined {
  return isJsonArray(value) ? value[index] : undefined
}
