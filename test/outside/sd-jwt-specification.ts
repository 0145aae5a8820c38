import type { ClaimPath, JsonObject, JsonValue } from '@muniment/credentials'
import { isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml'
import { vectorText } from './vectors.ts'

/** One case of the examples of RFC 9901: `specification.yml`, where the tag `!sd` marks what is disclosable. */
export interface Specification {
  readonly claims: JsonObject
  readonly disclosable: readonly ClaimPath[]
  readonly reveal: readonly ClaimPath[]
  readonly keyBinding: boolean
  readonly decoys: boolean
  readonly defaultClaims: boolean
  readonly header: JsonObject
}

export function readSpecification(name: string): Specification {
  const document = parseDocument(vectorText('sd-jwt-rfc9901', name, 'specification.yml'), {
    logLevel: 'silent',
  })
  const disclosable: ClaimPath[] = []
  const claims = plain(document.get('user_claims', true) as Node, [], disclosable) as JsonObject
  const settings = document.toJS() as Record<string, unknown>
  return {
    claims,
    disclosable,
    reveal: revealed((settings['holder_disclosed_claims'] ?? {}) as JsonValue, []),
    keyBinding: settings['key_binding'] === true,
    decoys: settings['add_decoy_claims'] === true,
    defaultClaims: settings['include_default_claims'] !== false,
    header: (settings['extra_header_parameters'] ?? {}) as JsonObject,
  }
}

function plain(node: Node, path: ClaimPath, disclosable: ClaimPath[]): JsonValue {
  if (isMap<Node, Node>(node)) {
    return Object.fromEntries(
      node.items.map(({ key, value }) => {
        const name = String(isScalar(key) ? key.value : key)
        if (key.tag === '!sd') disclosable.push([...path, name])
        return [name, value ? plain(value, [...path, name], disclosable) : null]
      }),
    )
  }
  if (isSeq<Node>(node)) {
    return node.items.map((item, index) => {
      if (item.tag === '!sd') disclosable.push([...path, index])
      return plain(item, [...path, index], disclosable)
    })
  }
  return isScalar(node) ? (node.value as JsonValue) : null
}

/** The paths of the frame that the holder chose: `true`, `null` and `{}` show a claim, `false` does not. */
function revealed(frame: JsonValue, path: ClaimPath): readonly ClaimPath[] {
  if (frame === false) return []
  if (typeof frame !== 'object' || frame === null) return [path]
  const below = Object.entries(frame).flatMap(([name, inner]) =>
    revealed(inner, [...path, Array.isArray(frame) ? Number(name) : name]),
  )
  return path.length === 0 ? below : [path, ...below]
}
