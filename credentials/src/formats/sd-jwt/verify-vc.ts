import type { Outcome, Problem, PublicKey } from '@muniment/interface'
import { isJsonObject, type JsonObject } from '../../jose/json.ts'
import { type JwsHeader, parseJws } from '../../jose/jws.ts'
import { splitCompact } from './compact.ts'
import { NEVER_DISCLOSABLE, SD_JWT_VC_TYPES } from './constants.ts'
import {
  expectationsOf,
  type VerifiedSdJwt,
  type VerifyComponents,
  type VerifyOptions,
  verifyWithRules,
} from './verify.ts'

/**
 * Verifies an SD-JWT VC: everything that {@link verifySdJwt} checks, and the rules of the IETF's SD-JWT VC
 * specification, sections 3.2.1 and 3.2.2: its `typ`, `vct`, and claims that must not be disclosures.
 */
export function verifySdJwtVc(
  token: string,
  components: VerifyComponents,
  options: VerifyOptions,
): Outcome<VerifiedSdJwt> {
  return verifyWithRules(token, components, expectationsOf(options, credentialProblems))
}

/** Finds the key of an issuer, for instance in its DID document; `undefined` when it is not to be trusted. */
export type FindIssuerKey = (issuer: string | undefined, header: JwsHeader) => Promise<PublicKey | undefined>

/** {@link verifySdJwtVc} with the issuer's key looked up by `iss` and the header. What the look-up throws comes through. */
export async function verifySdJwtVcWith(
  token: string,
  components: VerifyComponents & { readonly issuerKey: FindIssuerKey },
  options: Omit<VerifyOptions, 'issuerKey'>,
): Promise<Outcome<VerifiedSdJwt>> {
  const claimed = claimedIssuer(token)
  const issuerKey = claimed && (await components.issuerKey(claimed.issuer, claimed.header))
  return verifySdJwtVc(token, components, { ...options, issuerKey })
}

function claimedIssuer(token: string): { issuer: string | undefined; header: JwsHeader } | undefined {
  try {
    const { header, payload } = parseJws(splitCompact(token).issuerJwt)
    const { iss } = payload
    return { issuer: typeof iss === 'string' ? iss : undefined, header }
  } catch {
    return undefined
  }
}

/** The rules of SD-JWT VC for a token that was processed. */
export function credentialProblems(
  token: Pick<VerifiedSdJwt, 'claims' | 'payload' | 'header' | 'disclosedPaths'>,
): readonly Problem[] {
  const { claims, header, disclosedPaths } = token
  const problems: Problem[] = []
  const { typ } = header
  if (typeof typ !== 'string' || !SD_JWT_VC_TYPES.includes(typ)) problems.push(TYPE)
  if (!isNonEmptyText(claims['vct'])) problems.push(VCT_MISSING)
  if (disclosedPaths.some(isNeverDisclosable)) problems.push(NOT_DISCLOSABLE)
  if (!hasGoodShapes(claims)) problems.push(SHAPES)
  return problems
}

function isNeverDisclosable(path: readonly (string | number)[]): boolean {
  const [name] = path
  return typeof name === 'string' && NEVER_DISCLOSABLE.includes(name)
}

function hasGoodShapes(claims: JsonObject): boolean {
  const { iss, cnf, status } = claims
  return (
    (iss === undefined || isNonEmptyText(iss)) &&
    (cnf === undefined || isJsonObject(cnf)) &&
    (status === undefined || isJsonObject(status))
  )
}

function isNonEmptyText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

const TYPE = { code: 'typ', message: 'The token is not of type dc+sd-jwt.' }
const VCT_MISSING = { code: 'vct_missing', message: 'The credential does not say what type it is of.' }
const NOT_DISCLOSABLE = {
  code: 'claim_not_disclosable',
  message: 'A claim that must always be visible is a disclosure.',
}
const SHAPES = { code: 'malformed', message: 'A claim of the credential does not have its shape.' }
