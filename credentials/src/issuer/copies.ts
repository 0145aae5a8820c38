import { jwkFromPublicKey } from '@muniment/identity'
import type { Clock, Cryptography, PublicKey, Random, Signer } from '@muniment/interface'
import { issueSdJwtVc } from '../formats/sd-jwt/issue-vc.ts'
import type { JsonObject } from '../jose/json.ts'
import { COPY_LIFETIME_SECONDS, WEEK_SECONDS } from './constants.ts'
import { type CredentialTemplate, disclosablePaths } from './templates.ts'

/** From when to when a copy counts, Unix seconds. */
export interface CopyDates {
  readonly iat: number
  readonly exp: number
}

/** The dates of copies made now: the start of the week, and two weeks after it (protocol rule 10). They live 7 to 14 days. */
export function copyDates(clock: Clock): CopyDates {
  const iat = Math.floor(clock.now() / 1000 / WEEK_SECONDS) * WEEK_SECONDS
  return { iat, exp: iat + COPY_LIFETIME_SECONDS }
}

/** What the copies of a batch have in common. */
export interface BatchDraft {
  readonly issuer: string
  readonly template: CredentialTemplate
  readonly claims: JsonObject
  readonly dates: CopyDates
  /** Which of the issuer's keys signs: `kid` of the header. */
  readonly keyId?: string
}

/**
 * Makes single-use copies of a credential, one for each holder key, with salts of their own. A copy lives no longer than a
 * status token would, so it carries no status (protocol rules 9 and 10).
 */
export async function issueCopies(
  components: { readonly cryptography: Cryptography; readonly random: Random; readonly signer: Signer },
  { issuer, template, claims, dates, keyId }: BatchDraft,
  keys: readonly PublicKey[],
): Promise<readonly string[]> {
  const disclosable = disclosablePaths(template, claims)
  const header = keyId === undefined ? {} : { kid: keyId }
  return Promise.all(
    keys.map((key) => {
      const cnf = { jwk: { ...jwkFromPublicKey(key) } }
      const payload = { iss: issuer, vct: template.vct, ...dates, cnf, ...claims }
      return issueSdJwtVc(components, { payload, disclosable, header })
    }),
  )
}
