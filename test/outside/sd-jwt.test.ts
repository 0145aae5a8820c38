import {
  bindPresentation,
  type ClaimPath,
  expandPath,
  issueSdJwt,
  type JsonObject,
  presentSdJwt,
  verifySdJwt,
  verifyToken,
} from '@muniment/credentials'
import { fromBase64url } from '@muniment/crypto'
import { publicKeyFromJwk } from '@muniment/identity'
import type { Signer } from '@muniment/interface'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { describe, expect, it } from 'vitest'
import { visibleClaims } from '../conformance/sd-jwt-parties.ts'
import { readSpecification } from './sd-jwt-specification.ts'
import { vectorJson, vectorNames, vectorText, vectorYaml } from './vectors.ts'

type PrivateJwk = JsonObject & {
  readonly kty: string
  readonly crv: string
  readonly x: string
  readonly d: string
}

interface Settings {
  readonly identifiers: { readonly issuer: string; readonly verifier: string }
  readonly key_settings: { readonly issuer_keys: readonly [PrivateJwk]; readonly holder_key: PrivateJwk }
  readonly key_binding_nonce: string
  readonly iat: number
  readonly exp: number
}

const settings = vectorYaml('sd-jwt-rfc9901', 'settings.yml') as Settings
const issuer = signerOf(settings.key_settings.issuer_keys[0])
const holder = signerOf(settings.key_settings.holder_key)
const { d: _, ...holderJwk } = settings.key_settings.holder_key
const REQUEST = {
  audience: settings.identifiers.verifier,
  nonce: settings.key_binding_nonce,
  transactionData: [],
}
const AT = settings.iat + 1000

function signerOf({ d, ...jwk }: PrivateJwk): Signer {
  return cryptography.signer({ publicKey: publicKeyFromJwk(jwk), secretKey: fromBase64url(d) })
}

/** Issues, shows, binds and verifies; gives what the verifier then knows. */
async function journey(
  draft: Parameters<typeof issueSdJwt>[1],
  reveal: readonly ClaimPath[],
  isBound: boolean,
): Promise<JsonObject> {
  const issued = await issueSdJwt({ cryptography, random, signer: issuer }, draft)
  const shown = presentSdJwt(issued, { cryptography }, { reveal })
  const sent = isBound
    ? await bindPresentation(shown, { cryptography, signer: holder }, { ...REQUEST, issuedAt: AT })
    : shown
  const keyBinding = isBound ? REQUEST : 'none'
  const outcome = verifySdJwt(sent, { cryptography }, { issuerKey: issuer.publicKey, at: AT, keyBinding })
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems))
  return outcome.claims
}

describe('the examples of RFC 9901', () => {
  const names = vectorNames('sd-jwt-rfc9901').filter((name) => name !== 'settings.yml')

  it.each(names)('%s: the verifier sees what was in the open or shown, and nothing else', async (name) => {
    const specification = readSpecification(name)
    const { claims, disclosable, keyBinding, decoys, header } = specification
    // One example shows a claim that its credential does not have.
    const reveal = specification.reveal.filter((path) => expandPath(claims, path).length > 0)
    const payload = {
      ...(specification.defaultClaims
        ? { iss: settings.identifiers.issuer, iat: settings.iat, exp: settings.exp }
        : {}),
      ...claims,
      ...(keyBinding ? { cnf: { jwk: holderJwk } } : {}),
    }
    const seen = await journey({ payload, disclosable, decoys: decoys ? 5 : 0, header }, reveal, keyBinding)
    expect(seen).toEqual(visibleClaims(payload, disclosable, reveal))
  })
})

describe('the test cases of sd-jwt-tests', () => {
  it.each(vectorNames('sd-jwt-tests'))('%s', async (file) => {
    const test = vectorJson('sd-jwt-tests', file) as {
      readonly claims: JsonObject
      readonly disclosureFrame?: readonly string[]
      readonly holder_disclosed_claims: readonly string[]
      readonly expect_verified_user_claims: JsonObject
    }
    const disclosable = existing(test.claims, test.disclosureFrame ?? [])
    const reveal = existing(test.claims, test.holder_disclosed_claims)
    const payload = { ...test.claims, cnf: { jwk: holderJwk } }
    const { cnf, ...seen } = await journey({ payload, disclosable }, reveal, true)
    expect(cnf).toEqual({ jwk: holderJwk })
    expect(withoutEmptied(seen)).toEqual(withoutEmptied(test.expect_verified_user_claims))
  })

  /** Paths written with dots; some cases name claims that are not there, which changes nothing. */
  function existing(claims: JsonObject, dotted: readonly string[]): readonly ClaimPath[] {
    const paths = dotted.map((text) => {
      let at: unknown = claims
      return text.split('.').map((step) => {
        const name = Array.isArray(at) && /^\d+$/.test(step) ? Number(step) : step
        at = Object(at)[name]
        return name
      })
    })
    return paths.filter((path) => expandPath(claims, path).length > 0)
  }

  /** The cases leave out an object of which nothing was shown; RFC 9901, section 7.1, step 3.e, keeps it as {}. */
  function withoutEmptied(claims: JsonObject): JsonObject {
    return Object.fromEntries(
      Object.entries(claims).filter(
        ([, value]) => JSON.stringify(value) !== '{}' && JSON.stringify(value) !== '[]',
      ),
    )
  }
})

describe('the SD-JWT VC of OpenID4VP 1.0', () => {
  const folder = ['openid4vp-1.0', 'sd_jwt_vcld', '01'] as const
  const token = (file: string): string => vectorText(...folder, file).replaceAll(/\s/g, '')
  const issuerJwk = settings.key_settings.issuer_keys[0]

  it('is verified from its published bytes, with its key binding', () => {
    const { iat } = vectorJson(...folder, 'kb_jwt_payload.json') as { iat: number }
    const question = { token: token('sd_jwt_presentation.txt'), issuerJwk, at: iat + 10 }
    const { audience, nonce } = REQUEST
    const answer = verifyToken({ ...question, audience, nonce }, { cryptography })
    expect(answer).toEqual({
      ok: true,
      problems: [],
      claims: vectorJson(...folder, 'verified_contents.json'),
    })
    expect(verifyToken({ ...question, audience, nonce: 'another' }, { cryptography }).ok).toBe(false)
  })
})
