import { MunimentError } from '@muniment/interface'
import type { SdJwt } from './parse.ts'
import type { ConcretePath } from './process-payload.ts'

/** One disclosure of a compact SD-JWT: the place of what it discloses, and where its text stands in the token. */
export interface DisclosurePlace {
  readonly path: ConcretePath
  /** Of its first character, and of the `~` behind it. */
  readonly start: number
  readonly end: number
}

/**
 * Where the disclosures of a compact SD-JWT stand. Found once, when the credential is received and checked, and kept with
 * it, so that presenting it needs to read nothing again.
 *
 * @param sdJwt - the same token, taken apart by `parseSdJwt`
 */
export function disclosurePlaces(
  token: string,
  { issuerJwt, disclosures }: Pick<SdJwt, 'issuerJwt' | 'disclosures'>,
): readonly DisclosurePlace[] {
  const starts = new Map<string, number>()
  let start = issuerJwt.length + 1
  for (let end = token.indexOf('~', start); end !== -1; end = token.indexOf('~', start)) {
    starts.set(token.slice(start, end), start)
    start = end + 1
  }
  return disclosures.map(({ path, encoded }) => {
    const at = starts.get(encoded)
    if (at === undefined) throw new MunimentError('ERR_INVALID_ARGUMENT', 'this is another token')
    return { path, start: at, end: at + encoded.length }
  })
}
