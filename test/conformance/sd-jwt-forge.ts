import { base64url, utf8 } from '@muniment/crypto'
import { jwkFromPublicKey } from '@muniment/identity'
import type { Signer } from '@muniment/interface'
import { nodeCryptography as cryptography } from 'muniment/platform'
import { verifyToken } from '@muniment/credentials'
import { party } from './sd-jwt-parties.ts'

/** The time of all checks in these tests. */
export const AT = 1_800_000_000
export const AUDIENCE = 'https://verifier.example'
export const NONCE = 'XZOUco1u_gEPknxS78sWWg'

/** base64url of a text, or of the JSON of a value. */
export function encoded(value: unknown): string {
  return base64url(utf8(typeof value === 'string' ? value : JSON.stringify(value)))
}

export function digestOf(disclosure: string): string {
  return cryptography.sha256Base64url(disclosure)
}

/** An issuer and a holder who sign whatever they are told to, also what no honest party would. */
export interface Forge {
  readonly issuer: Signer
  readonly holder: Signer
  /** Signs a payload, given as JSON text or as a value. */
  readonly sign: (payload: unknown, header?: object) => Promise<string>
  /** A token without key binding. */
  readonly token: (payload: unknown, disclosures?: readonly string[], header?: object) => Promise<string>
  /** Adds a key-binding JWT; `claims` replace the right ones, `undefined` removes one. */
  readonly bound: (presentation: string, claims?: object, header?: object) => Promise<string>
  /** The codes with which the token is refused; empty when it is accepted. */
  readonly codes: (token: string, question?: { audience?: string; nonce?: string }) => readonly string[]
  readonly claims: (token: string) => unknown
  readonly cnf: object
}

export function forge(): Forge {
  const issuer = party()
  const holder = party()
  const issuerJwk = jwkFromPublicKey(issuer.publicKey)
  const sign = async (signer: Signer, header: unknown, payload: unknown): Promise<string> => {
    const input = `${encoded(header)}.${encoded(payload)}`
    return `${input}.${base64url(await signer.sign(utf8(input)))}`
  }
  const made: Forge = {
    issuer,
    holder,
    cnf: { jwk: jwkFromPublicKey(holder.publicKey) },
    sign: (payload, header = {}) => sign(issuer, { alg: 'ES256', ...header }, payload),
    async token(payload, disclosures = [], header = {}) {
      return [await made.sign(payload, header), ...disclosures, ''].join('~')
    },
    async bound(presentation, claims = {}, header = {}) {
      const right = { iat: AT, aud: AUDIENCE, nonce: NONCE, sd_hash: digestOf(presentation) }
      const kb = await sign(holder, { alg: 'ES256', typ: 'kb+jwt', ...header }, { ...right, ...claims })
      return presentation + kb
    },
    codes: (token, question = {}) =>
      verifyToken({ token, issuerJwk, at: AT, ...question }, { cryptography }).problems.map(
        ({ code }) => code,
      ),
    claims: (token) => verifyToken({ token, issuerJwk, at: AT }, { cryptography }).claims,
  }
  return made
}
