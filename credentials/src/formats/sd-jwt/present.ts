import { type Cryptography, MunimentError } from '@muniment/interface'
import { type ClaimPath, expandPath } from './claim-path.ts'
import { parseSdJwt, type SdJwt } from './parse.ts'
import type { ConcretePath, PlacedDisclosure } from './process-payload.ts'

/** What the holder shows. */
export interface Selection {
  /** Paths into the claims with everything disclosed. What is not disclosable is shown in any case. */
  readonly reveal: readonly ClaimPath[]
  /** Also reveals what lies below the selected places. Default false: the least that shows the place itself. */
  readonly nested?: boolean
}

/**
 * The presentation without key binding that shows the selected claims: `jwt~d…~`. Disclosures that hold the selected
 * ones come along, no others. Throws `ERR_INVALID_ARGUMENT` for a path that leads to no claim, `ERR_MALFORMED` for a
 * token that is not an SD-JWT. A key-binding JWT of the given token is left away.
 */
export function presentSdJwt(
  credential: SdJwt | string,
  components: { readonly cryptography: Cryptography },
  selection: Selection,
): string {
  const sdJwt = typeof credential === 'string' ? parseSdJwt(components.cryptography, credential) : credential
  const chosen = new Set<number>()
  for (const path of selection.reveal) {
    const places = expandPath(sdJwt.claims, path)
    if (places.length === 0)
      throw new MunimentError('ERR_INVALID_ARGUMENT', 'a path leads to no claim of the credential')
    for (const place of places)
      choose(sdJwt.disclosures, place, { chosen, nested: selection.nested === true })
  }
  const shown = sdJwt.disclosures.filter((_, index) => chosen.has(index)).map(({ encoded }) => encoded)
  return [sdJwt.issuerJwt, ...shown, ''].join('~')
}

/** A disclosure on the way to the place is needed for it; one below it only when all of it is shown. */
function choose(
  disclosures: readonly PlacedDisclosure[],
  place: ConcretePath,
  into: { readonly chosen: Set<number>; readonly nested: boolean },
): void {
  for (const [index, { path }] of disclosures.entries()) {
    if (startsWith(place, path) || (into.nested && startsWith(path, place))) into.chosen.add(index)
  }
}

function startsWith(path: ConcretePath, start: ConcretePath): boolean {
  return start.length <= path.length && start.every((step, index) => path[index] === step)
}
