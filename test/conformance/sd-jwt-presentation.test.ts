import { base64url } from '@muniment/crypto'
import { jwkFromPublicKey } from '@muniment/identity'
import { nodeCryptography as cryptography } from 'muniment/platform'
import { describe, expect, it } from 'vitest'
import { verifySdJwt } from '@muniment/credentials'
import { AT, AUDIENCE, digestOf, encoded, forge, NONCE } from './sd-jwt-forge.ts'

const name = encoded(['c2FsdDE', 'name', 'Zoë'])
const town = encoded(['c2FsdDI', 'town', 'Namur'])

describe('a presentation is verified (RFC 9901, section 7.3)', () => {
  const asked = { audience: AUDIENCE, nonce: NONCE }

  it('1 and 2: without the key binding that was asked for it is not accepted', async () => {
    const { token, codes, cnf } = forge()
    expect(codes(await token({ cnf }), asked)).toEqual(['key_binding_missing'])
    expect(codes(await token({ cnf }), { nonce: NONCE })).toEqual(['key_binding_missing'])
    expect(codes(await token({ cnf }))).toEqual([])
  })

  it('3 and 4: with a good one it is accepted, and the SD-JWT in it is still checked', async () => {
    const { token, bound, codes, cnf } = forge()
    expect(codes(await bound(await token({ cnf })), asked)).toEqual([])
    expect(codes(await bound(await token({ cnf, exp: 1 })), asked)).toEqual(['expired'])
  })

  it('5.a: a credential without a key of its holder is not accepted', async () => {
    const { token, bound, codes, cnf, holder } = forge()
    const withPrivate = { jwk: { ...jwkFromPublicKey(holder.publicKey), d: 'AAAA' } }
    const withX = (x: string) => ({ jwk: { ...jwkFromPublicKey(holder.publicKey), x } })
    for (const odd of [
      undefined,
      {},
      null,
      'x',
      { kid: '1' },
      { jwk: { kty: 'EC' } },
      withPrivate,
      withX('AA'),
    ]) {
      expect(codes(await bound(await token({ cnf: odd })), asked)).toEqual(['key_binding_key'])
    }
    const offCurve = withX(base64url(new Uint8Array(32).fill(7)))
    expect(codes(await bound(await token({ cnf: offCurve })), asked)).toEqual(['key_binding_signature'])
    expect(codes(await bound(await token({ cnf })), asked)).toEqual([])
  })

  it.each(['none', 'HS256', 'EdDSA', 'ES384'])('5.b: the algorithm %s is not accepted', async (alg) => {
    const { token, bound, codes, cnf } = forge()
    expect(codes(await bound(await token({ cnf }), {}, { alg }), asked)).toEqual(['key_binding_algorithm'])
  })

  it('5.c: a stranger cannot bind it, nor can the issuer', async () => {
    const { token, codes, cnf, sign } = forge()
    const presentation = await token({ cnf })
    const stranger = forge()
    expect(codes(await stranger.bound(presentation), asked)).toEqual(['key_binding_signature'])
    const claims = { iat: AT, aud: AUDIENCE, nonce: NONCE, sd_hash: digestOf(presentation) }
    expect(codes(presentation + (await sign(claims, { typ: 'kb+jwt' })), asked)).toEqual([
      'key_binding_signature',
    ])
  })

  it.each([undefined, 'jwt', 'JWT', 'dc+sd-jwt', 'KB+JWT', 1])(
    '5.d: the type %s is not accepted',
    async (typ) => {
      const { token, bound, codes, cnf } = forge()
      expect(codes(await bound(await token({ cnf }), {}, { typ }), asked)).toEqual(['key_binding_type'])
    },
  )

  it('5.e: it was made within the last five minutes, one minute of skew allowed ahead', async () => {
    const { token, bound, codes, cnf } = forge()
    const presentation = await token({ cnf })
    const at = async (iat: unknown): Promise<readonly string[]> =>
      codes(await bound(presentation, { iat }), asked)
    expect(await at(AT - 300)).toEqual([])
    expect(await at(AT - 301)).toEqual(['key_binding_time'])
    expect(await at(AT + 60)).toEqual([])
    expect(await at(AT + 61)).toEqual(['key_binding_time'])
    expect(await at(undefined)).toEqual(['key_binding_time'])
    expect(await at(String(AT))).toEqual(['key_binding_time'])
  })

  it('5.f: it is for this verifier and this request', async () => {
    const { token, bound, codes, cnf } = forge()
    const presentation = await token({ cnf })
    for (const aud of ['https://other.example', undefined, [AUDIENCE], `${AUDIENCE}/`, 1]) {
      expect(codes(await bound(presentation, { aud }), asked)).toEqual(['key_binding_audience'])
    }
    for (const nonce of ['other', undefined, '', 1, [NONCE]]) {
      expect(codes(await bound(presentation, { nonce }), asked)).toEqual(['key_binding_nonce'])
    }
  })

  it('5.g: a disclosure cannot be added, left out or moved after it was bound', async () => {
    const { token, bound, codes, cnf } = forge()
    const payload = { cnf, _sd: [digestOf(name), digestOf(town)] }
    const [jwt = '', first = '', second = '', kb = ''] = (
      await bound(await token(payload, [name, town]))
    ).split('~')
    expect(codes([jwt, first, second, kb].join('~'), asked)).toEqual([])
    expect(codes([jwt, first, kb].join('~'), asked)).toEqual(['sd_hash'])
    expect(codes([jwt, second, first, kb].join('~'), asked)).toEqual(['sd_hash'])
    const less = await bound(await token(payload, [name]))
    const [jwt2 = '', shown = '', kb2 = ''] = less.split('~')
    expect(codes([jwt2, shown, town, kb2].join('~'), asked)).toEqual(['sd_hash'])
    expect(codes(await bound(await token({ cnf }), { sd_hash: undefined }), asked)).toEqual(['sd_hash'])
  })

  it('5.h: times and critical extensions of the key binding itself are kept', async () => {
    const { token, bound, codes, cnf } = forge()
    const presentation = await token({ cnf })
    expect(codes(await bound(presentation, { exp: AT - 60 }), asked)).toEqual(['key_binding_time'])
    expect(codes(await bound(presentation, { nbf: AT + 61 }), asked)).toEqual(['key_binding_time'])
    expect(codes(await bound(presentation, { exp: 'soon' }), asked)).toEqual(['key_binding_time'])
    expect(codes(await bound(presentation, {}, { crit: ['x'] }), asked)).toEqual(['key_binding_header'])
  })

  it('a key binding nobody asked for is still its holder’s, over what is shown', async () => {
    const { token, bound, codes, cnf } = forge()
    const presentation = await token({ cnf })
    expect(codes(await bound(presentation, { iat: AT - 10_000 }))).toEqual([])
    expect(codes(await bound(presentation, { sd_hash: 'x' }))).toEqual(['sd_hash'])
    expect(codes(await forge().bound(presentation))).toEqual(['key_binding_signature'])
    expect(codes(`${presentation}x`)).toEqual(['malformed'])
  })

  it('a key-binding JWT is not taken for a credential (RFC 8725, section 3.11)', async () => {
    const { token, codes } = forge()
    expect(codes(await token({}, [], { typ: 'kb+jwt' }))).toEqual(['typ'])
  })

  it('the twin of an ES256 signature is accepted, so signatures are no replay keys', async () => {
    const { token, codes } = forge()
    const text = await token({})
    const [head, payload, signature = ''] = text.slice(0, -1).split('.')
    expect(codes(`${head}.${payload}.${twinOf(signature)}~`)).toEqual([])
  })
})

describe('transaction data (OpenID4VP 1.0, appendix B.3.3.1)', () => {
  const items = ['eyJ0eXBlIjoiY29udHJhY3QifQ', 'eyJ0eXBlIjoib3RoZXIifQ']
  const hashes = items.map(digestOf)

  it.each<[string, object, readonly string[], boolean]>([
    [
      'both, in order',
      { transaction_data_hashes: hashes, transaction_data_hashes_alg: 'sha-256' },
      items,
      true,
    ],
    ['both, algorithm left out', { transaction_data_hashes: hashes }, items, true],
    ['none for none', {}, [], true],
    ['none for two', {}, items, false],
    ['one for two', { transaction_data_hashes: hashes.slice(1) }, items, false],
    ['the wrong order', { transaction_data_hashes: hashes.toReversed() }, items, false],
    ['some nobody asked for', { transaction_data_hashes: hashes }, [], false],
    [
      'another algorithm',
      { transaction_data_hashes: hashes, transaction_data_hashes_alg: 'sha-512' },
      items,
      false,
    ],
    ['a text', { transaction_data_hashes: hashes[0] }, items.slice(1), false],
  ])('%s', async (_, claims, transactionData, isAccepted) => {
    const { token, bound, cnf, issuer } = forge()
    const presented = await bound(await token({ cnf }), claims)
    const keyBinding = { audience: AUDIENCE, nonce: NONCE, transactionData }
    const options = { issuerKey: issuer.publicKey, at: AT, keyBinding }
    const outcome = verifySdJwt(presented, { cryptography }, options)
    expect(outcome.ok ? [] : outcome.problems.map(({ code }) => code)).toEqual(
      isAccepted ? [] : ['transaction_data'],
    )
  })
})

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** (r, n − s) of (r, s). */
function twinOf(signature: string): string {
  const bytes = Buffer.from(signature, 'base64url')
  const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  const twin = Buffer.from((N - s).toString(16).padStart(64, '0'), 'hex')
  return Buffer.concat([bytes.subarray(0, 32), twin]).toString('base64url')
}
