import { eachSeed, patience } from '@muniment/compliance'
import { base64url, fromBase64url, utf8 } from '@muniment/crypto'
import { bindPresentation, issueSdJwtVc, presentSdJwt, verifyToken } from '@muniment/credentials'
import { jwkFromPublicKey } from '@muniment/identity'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { party } from './sd-jwt-parties.ts'

const AT = 1_800_000_000
const REQUEST = { audience: 'https://verifier.example', nonce: 'XZOUco1u_gEPknxS78sWWg', transactionData: [] }
/** In each round; 2 % of what the threat model asks of the deep lane. */
const MUTATIONS = 2000

const issuer = party()
const issuerJwk = jwkFromPublicKey(issuer.publicKey)

async function presentation(): Promise<string> {
  const holder = party()
  const payload = {
    iss: 'did:web:council.example',
    vct: 'https://council.example/address',
    cnf: { jwk: { ...jwkFromPublicKey(holder.publicKey) } },
    name: 'Zoë',
    address: { street: 'Rue Haute 1', town: 'Namur' },
    nationalities: ['BE', 'FR'],
  }
  const disclosable = [['name'], ['address'], ['address', 'street'], ['nationalities', null]]
  const issued = await issueSdJwtVc(
    { cryptography, random, signer: issuer },
    { payload, disclosable, decoys: 1 },
  )
  const reveal = [['name'], ['address', 'street'], ['nationalities', 0]]
  const shown = presentSdJwt(issued, { cryptography }, { reveal })
  return bindPresentation(shown, { cryptography, signer: holder }, { ...REQUEST, issuedAt: AT })
}

const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~=+/ \t\n\0é'
const at = (length: number): fc.Arbitrary<number> => fc.nat({ max: Math.max(0, length - 1) })

/** One change to a token, of the many kinds that an attacker has; `other` is another good presentation to mix in. */
function mutated(token: string, other: string): fc.Arbitrary<string> {
  const character = fc.constantFrom(...CHARACTERS)
  const parts = token.split('~')
  const others = other.split('~')
  return fc.oneof(
    fc.tuple(at(token.length), character).map(([i, c]) => token.slice(0, i) + c + token.slice(i + 1)),
    fc.tuple(at(token.length + 1), character).map(([i, c]) => token.slice(0, i) + c + token.slice(i)),
    fc
      .tuple(at(token.length), fc.integer({ min: 1, max: 60 }))
      .map(([i, n]) => token.slice(0, i) + token.slice(i + n)),
    at(token.length).map((i) => token.slice(0, i)),
    fc.tuple(at(parts.length), at(parts.length)).map(([i, j]) => swapped(parts, i, j)),
    at(parts.length).map((i) => parts.toSpliced(i, 1).join('~')),
    fc
      .tuple(at(parts.length), at(parts.length))
      .map(([i, j]) => parts.toSpliced(i, 0, parts[j] ?? '').join('~')),
    fc.tuple(at(parts.length), at(others.length)).map(([i, j]) => parts.with(i, others[j] ?? '').join('~')),
    fc
      .tuple(at(parts.length), at(others.length))
      .map(([i, j]) => parts.toSpliced(i, 0, others[j] ?? '').join('~')),
    fc
      .tuple(at(parts.length), fc.nat({ max: 2 }), fc.nat(), fc.integer({ min: 1, max: 255 }))
      .map((flip) => flipped(parts, flip)),
    fc.constantFrom('none', 'HS256', 'EdDSA', 'ES384').map((alg) => withAlgorithm(parts, alg)),
  )
}

function swapped(parts: readonly string[], i: number, j: number): string {
  return parts
    .with(i, parts[j] ?? '')
    .with(j, parts[i] ?? '')
    .join('~')
}

/** Changes one byte under the base64url of one part. */
function flipped(parts: readonly string[], [i, j, where, mask]: [number, number, number, number]): string {
  const pieces = (parts[i] ?? '').split('.')
  const piece = Math.min(j, pieces.length - 1)
  const bytes = fromBase64url(pieces[piece] ?? '')
  if (bytes.length > 0) bytes[where % bytes.length] = (bytes[where % bytes.length] ?? 0) ^ mask
  return parts.with(i, pieces.with(piece, base64url(bytes)).join('.')).join('~')
}

function withAlgorithm(parts: readonly string[], alg: string): string {
  const header = base64url(utf8(JSON.stringify({ alg, typ: 'dc+sd-jwt' })))
  const [jwt = '', ...rest] = parts
  return [jwt.split('.').with(0, header).join('.'), ...rest].join('~')
}

function isAccepted(token: string): boolean {
  const { audience, nonce } = REQUEST
  return verifyToken({ token, issuerJwk, audience, nonce, at: AT }, { cryptography }).ok
}

it(
  `none of ${MUTATIONS} mutated presentations is accepted beside the original`,
  async () => {
    const [token, other] = [await presentation(), await presentation()]
    const kb = other.split('~').at(-1) ?? ''
    expect(isAccepted(token)).toBe(true)
    expect(isAccepted(other)).toBe(true)
    await eachSeed((seed) => {
      let tried = 0
      fc.assert(
        fc.property(mutated(token, other), (mutation) => {
          // Line ends after the input belong to the shell, not to the token.
          if (mutation.replace(/[\r\n]+$/, '') === token) return
          tried++
          expect(isAccepted(mutation)).toBe(false)
        }),
        { numRuns: MUTATIONS, seed },
      )
      expect(tried).toBeGreaterThan(MUTATIONS * 0.8)
    })
    expect(isAccepted([...token.split('~').slice(0, -1), kb].join('~'))).toBe(false)
  },
  patience(20_000),
)

it('random text is refused, and nothing throws', async () => {
  await eachSeed((seed) =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.base64String()), (text) => {
        expect(verifyToken({ token: text, issuerJwk, at: AT }, { cryptography })).toMatchObject({
          ok: false,
          problems: [{ code: 'malformed' }],
        })
        expect(isAccepted(`${text}.${text}.${text}~${text}~${text}`)).toBe(false)
      }),
      { numRuns: 2000, seed },
    ),
  )
})
