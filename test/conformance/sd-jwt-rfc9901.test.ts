import { base64url, utf8 } from '@muniment/crypto'
import { jwkFromPublicKey } from '@muniment/identity'
import { nodeCryptography as cryptography } from 'muniment/platform'
import { describe, expect, it } from 'vitest'
import { verifySdJwt, verifyToken } from '@muniment/credentials'
import { AT, digestOf, encoded, forge } from './sd-jwt-forge.ts'

const name = encoded(['c2FsdDE', 'name', 'Zoë'])
const town = encoded(['c2FsdDI', 'town', 'Namur'])
const element = encoded(['c2FsdDM', 'FR'])

describe('an SD-JWT is verified (RFC 9901, section 7.1)', () => {
  it('2.a: the algorithm none is not accepted', async () => {
    const { token, codes } = forge()
    expect(codes(await token({}, [], { alg: 'none' }))).toEqual(['algorithm'])
    const unsigned = `${encoded({ alg: 'none' })}.${encoded({})}.~`
    expect(codes(unsigned)).toEqual(expect.arrayContaining(['algorithm', 'issuer_signature']))
  })

  it.each(['HS256', 'RS256', 'ES384', 'EdDSA', 'es256', 'ES256K', ''])(
    '2.a: the algorithm %s is not accepted for a P-256 key',
    async (alg) => {
      const { token, codes } = forge()
      expect(codes(await token({}, [], { alg }))).toEqual(['algorithm'])
    },
  )

  it('2.a: an HMAC made with the public key is not accepted', () => {
    const { issuer, codes } = forge()
    const input = `${encoded({ alg: 'HS256' })}.${encoded({})}`
    const mac = cryptography.hmacSha256(issuer.publicKey.bytes, utf8(input))
    expect(codes(`${input}.${base64url(mac)}~`)).toContain('algorithm')
  })

  it('2.a: an Ed25519 issuer is accepted under the names EdDSA and Ed25519, and under no other', async () => {
    const issuer = cryptography.signer(cryptography.generateKeyPair('Ed25519'))
    const verified = async (alg: string): Promise<boolean> => {
      const input = `${encoded({ alg })}.${encoded({ a: 1 })}`
      const token = `${input}.${base64url(await issuer.sign(utf8(input)))}~`
      return verifyToken({ token, issuerJwk: jwkFromPublicKey(issuer.publicKey), at: AT }, { cryptography })
        .ok
    }
    expect(await verified('EdDSA')).toBe(true)
    expect(await verified('Ed25519')).toBe(true)
    expect(await verified('ES256')).toBe(false)
  })

  it('2.b: a payload, a header or a signature that was changed is not accepted', async () => {
    const { token, codes } = forge()
    const [head = '', payload = '', signature = ''] = (await token({ income: 1000 })).slice(0, -1).split('.')
    expect(codes(`${head}.${encoded({ income: 9000 })}.${signature}~`)).toEqual(['issuer_signature'])
    expect(codes(`${encoded({ alg: 'ES256', kid: 'x' })}.${payload}.${signature}~`)).toEqual([
      'issuer_signature',
    ])
    expect(codes(`${head}.${payload}.${base64url(new Uint8Array(64))}~`)).toEqual(['issuer_signature'])
    expect(codes(`${head}.${payload}.~`)).toEqual(['issuer_signature'])
  })

  it('2.c: a token of another issuer is not accepted', async () => {
    const [council, stranger] = [forge(), forge()]
    expect(council.codes(await stranger.token({}))).toEqual(['issuer_signature'])
  })

  it('2.c: a token whose issuer is unknown is not accepted', async () => {
    const { token } = forge()
    const options = { issuerKey: undefined, at: AT, keyBinding: 'none' } as const
    expect(verifySdJwt(await token({}), { cryptography }, options)).toMatchObject({
      problems: [{ code: 'issuer_unknown' }],
    })
  })

  it.each(['sha-1', 'md5', 'sha-512', 'SHA-256', '', 256, null])(
    '2.d: the hash algorithm %s is not accepted',
    async (algorithm) => {
      const { token, codes } = forge()
      expect(codes(await token({ _sd_alg: algorithm }))).toEqual(['hash_algorithm'])
    },
  )

  it('2.d and 4.1.1: without _sd_alg digests are SHA-256', async () => {
    const { token, claims } = forge()
    expect(claims(await token({ _sd: [digestOf(name)] }, [name]))).toEqual({ name: 'Zoë' })
  })

  it('3.a: the digest is of the disclosure as sent, not of what it means', async () => {
    const { token, codes } = forge()
    const spaced = encoded('["c2FsdDE", "name", "Zoë"]')
    expect(codes(await token({ _sd: [digestOf(name)] }, [spaced]))).toEqual(['disclosure_unreferenced'])
    expect(codes(await token({ _sd: [digestOf(spaced)] }, [spaced]))).toEqual([])
  })

  it('3.c.i: digests without a disclosure are left alone', async () => {
    const { token, claims } = forge()
    const payload = { _sd: ['decoy', digestOf(name)], list: ['BE', { '...': digestOf(element) }] }
    expect(claims(await token(payload))).toEqual({ list: ['BE'] })
  })

  it.each([
    ['an array of two', element],
    ['an array of four', encoded(['s', 'name', 'Zoë', 1])],
    ['an array of one', encoded(['s'])],
    ['an empty array', encoded([])],
    ['an object', encoded({ 0: 's', 1: 'name', 2: 'Zoë' })],
    ['a text', encoded('"name"')],
    ['null', encoded(null)],
    ['no JSON', encoded('["s","name",')],
  ])('3.c.ii.1: %s under an _sd is not accepted', async (_, disclosure) => {
    const { token, codes } = forge()
    expect(codes(await token({ _sd: [digestOf(disclosure)] }, [disclosure]))).toEqual([
      'disclosure_malformed',
    ])
  })

  it.each([1, null, ['name'], true])('3.c.ii.1 and 4.2.1: the claim name %s is not accepted', async (odd) => {
    const { token, codes } = forge()
    const disclosure = encoded(['s', odd, 'Zoë'])
    expect(codes(await token({ _sd: [digestOf(disclosure)] }, [disclosure]))).toEqual([
      'disclosure_malformed',
    ])
  })

  it.each(['_sd', '...', '_sd_alg'])('3.c.ii.2: the claim name %s is not accepted', async (reserved) => {
    const { token, codes } = forge()
    const disclosure = encoded(['s', reserved, ['x']])
    expect(codes(await token({ _sd: [digestOf(disclosure)] }, [disclosure]))).toEqual(['disclosure_name'])
  })

  it('3.c.ii.3: a claim name that is there in the open is not accepted', async () => {
    const { token, codes } = forge()
    const payload = { name: 'Bob', _sd: [digestOf(name)] }
    expect(codes(await token(payload, [name]))).toEqual(['disclosure_claim_exists'])
  })

  it('3.c.ii.3: a claim name that another disclosure brought is not accepted, at any level', async () => {
    const { token, codes } = forge()
    const again = encoded(['other', 'name', 'Bob'])
    const sd = { _sd: [digestOf(name), digestOf(again)] }
    expect(codes(await token(sd, [name, again]))).toEqual(['disclosure_claim_exists'])
    expect(codes(await token({ person: sd }, [name, again]))).toEqual(['disclosure_claim_exists'])
  })

  it('3.c.ii.3: names that every object inherits are free', async () => {
    const { token, claims } = forge()
    const disclosure = encoded(['s', 'constructor', 'Horta'])
    const seen = claims(await token({ toString: 1, _sd: [digestOf(disclosure)] }, [disclosure]))
    expect(seen).toEqual(JSON.parse('{"toString":1,"constructor":"Horta"}'))
  })

  it('3.c.ii.4 and 5: claims come back at the level of their _sd, also out of other disclosures', async () => {
    const { token, claims } = forge()
    const address = encoded(['s', 'address', { country: 'BE', _sd: [digestOf(town)] }])
    const payload = { a: 1, _sd: [digestOf(address)] }
    expect(claims(await token(payload, [town, address]))).toEqual({
      a: 1,
      address: { country: 'BE', town: 'Namur' },
    })
    expect(claims(await token(payload, [address]))).toEqual({ a: 1, address: { country: 'BE' } })
  })

  it.each([
    ['an array of three', name],
    ['an array of one', encoded(['s'])],
  ])('3.c.iii.1: %s for an array element is not accepted', async (_, disclosure) => {
    const { token, codes } = forge()
    const payload = { list: [{ '...': digestOf(disclosure) }] }
    expect(codes(await token(payload, [disclosure]))).toEqual(['disclosure_malformed'])
  })

  it('3.c.iii.2 and 3: elements come back in their place, also nested ones', async () => {
    const { token, claims } = forge()
    const inner = encoded(['s', ['DE', { '...': digestOf(element) }]])
    const payload = { list: ['BE', { '...': digestOf(inner) }, 'NL'] }
    expect(claims(await token(payload, [element, inner]))).toEqual({ list: ['BE', ['DE', 'FR'], 'NL'] })
  })

  it('3.d: elements that were not disclosed are gone, without a gap', async () => {
    const { token, claims } = forge()
    expect(
      claims(await token({ list: [{ '...': 'x' }, 'BE', { '...': 'y' }], l2: [{ '...': 'z' }] })),
    ).toEqual({
      list: ['BE'],
      l2: [],
    })
  })

  it('3.e and f: _sd and _sd_alg are gone, and an emptied object is {}', async () => {
    const { token, claims } = forge()
    const payload = { _sd_alg: 'sha-256', _sd: [], address: { _sd: ['x'] } }
    expect(claims(await token(payload))).toEqual({ address: {} })
  })

  it('4: a digest that stands twice is not accepted, wherever and disclosed or not', async () => {
    const { token, codes } = forge()
    const twice = ['disclosure_digest_repeated']
    expect(codes(await token({ _sd: ['x', 'x'] }))).toEqual(twice)
    expect(codes(await token({ _sd: ['x'], a: { _sd: ['x'] } }))).toEqual(twice)
    expect(codes(await token({ _sd: ['x'], a: [{ '...': 'x' }] }))).toEqual(twice)
    const address = encoded(['s', 'address', { _sd: [digestOf(town)] }])
    const payload = { _sd: [digestOf(address)], b: { _sd: [digestOf(town)] } }
    expect(codes(await token(payload, [address, town]))).toEqual(twice)
  })

  it('5: a disclosure whose digest is nowhere is not accepted', async () => {
    const { token, codes } = forge()
    expect(codes(await token({ _sd: [digestOf(name)] }, [name, town]))).toEqual(['disclosure_unreferenced'])
    const address = encoded(['s', 'address', { _sd: [digestOf(town)] }])
    expect(codes(await token({ _sd: [digestOf(address)] }, [town]))).toEqual(['disclosure_unreferenced'])
  })

  it('5: a disclosure sent twice is not accepted', async () => {
    const { token, codes } = forge()
    expect(codes(await token({ _sd: [digestOf(name)] }, [name, name]))).toEqual(['disclosure_duplicate'])
  })

  it('6: an expired token is not accepted, one minute of skew allowed', async () => {
    const { token, codes } = forge()
    expect(codes(await token({ exp: AT - 59 }))).toEqual([])
    expect(codes(await token({ exp: AT - 60 }))).toEqual(['expired'])
  })

  it.each(['nbf', 'iat'])(
    '6: a token with its %s in the future is not accepted, one minute allowed',
    async (claim) => {
      const { token, codes } = forge()
      expect(codes(await token({ [claim]: AT + 60 }))).toEqual([])
      expect(codes(await token({ [claim]: AT + 61 }))).toEqual(['not_yet_valid'])
    },
  )

  it.each(['exp', 'nbf', 'iat'])('6: a %s that is not a number is not accepted', async (claim) => {
    const { token, codes } = forge()
    expect(codes(await token({ [claim]: '1900000000' }))).toEqual(['malformed'])
    expect(codes(await token({ [claim]: null }))).toEqual(['malformed'])
  })

  it('6: the times are those of the processed payload, also when they were disclosures', async () => {
    const { token, codes } = forge()
    const exp = encoded(['s', 'exp', AT - 1000])
    expect(codes(await token({ _sd: [digestOf(exp)] }, [exp]))).toEqual(['expired'])
  })
})
