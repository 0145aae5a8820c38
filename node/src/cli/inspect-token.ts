import { parseSdJwt } from '@muniment/credentials'
import { isMunimentError, type Problem } from '@muniment/interface'
import type { JsonObject } from '../control/actions.ts'
import { toJson } from '../control/to-json.ts'
import { nodeCryptography } from '../platform/index.ts'

/** What a credential says, unchecked: nobody's signature was looked at. */
export interface Inspection extends JsonObject {
  readonly ok: boolean
}

/** Reads a token without checking who signed it. */
export function inspectToken(token: string): Inspection {
  try {
    const { header, payload, claims, disclosures, keyBindingJwt } = parseSdJwt(nodeCryptography, token)
    const shown = disclosures.map(({ path, value }) => ({ path, value }))
    return {
      ok: true,
      checked: false,
      header: toJson(header),
      payload: toJson(payload),
      claims: toJson(claims),
      disclosures: toJson(shown),
      isBound: keyBindingJwt !== undefined,
    }
  } catch (error) {
    if (!isMunimentError(error)) throw error
    const problems: readonly Problem[] = [{ code: 'malformed', message: error.message }]
    return { ok: false, problems: toJson(problems) }
  }
}
