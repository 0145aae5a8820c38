import type { ClaimPath, JsonObject, JsonValue } from '@muniment/credentials'
import type { Signer } from '@muniment/interface'
import { nodeCryptography } from 'muniment/platform'

/** A fresh ES256 signer. */
export function party(): Signer {
  return nodeCryptography.signer(nodeCryptography.generateKeyPair('ES256'))
}

/**
 * What a verifier must see, worked out without the engine: claims in the open, and disclosable ones where a revealed
 * path passes or ends.
 */
export function visibleClaims(
  value: JsonValue,
  disclosable: readonly ClaimPath[],
  reveal: readonly ClaimPath[],
): JsonValue {
  const isShown = (path: ClaimPath): boolean =>
    !disclosable.some((marked) => startsWith(marked, path) && startsWith(path, marked)) ||
    reveal.some((shown) => startsWith(shown, path))
  const walk = (node: JsonValue, path: ClaimPath): JsonValue => {
    if (typeof node !== 'object' || node === null) return node
    if (Array.isArray(node)) {
      return node.flatMap((element: JsonValue, index) =>
        isShown([...path, index]) ? [walk(element, [...path, index])] : [],
      )
    }
    const members = Object.entries(node as JsonObject).filter(([name]) => isShown([...path, name]))
    return Object.fromEntries(members.map(([name, member]) => [name, walk(member, [...path, name])]))
  }
  return walk(value, [])
}

function startsWith(path: ClaimPath, start: ClaimPath): boolean {
  return start.length <= path.length && start.every((step, index) => path[index] === step)
}
