import { createHash, createPublicKey, ECDH, generateKeyPairSync } from 'node:crypto'
import { eachSeed } from '@muniment/compliance'
import { base64url } from '@muniment/crypto'
import fc from 'fast-check'
import { nodeCryptography } from 'muniment/platform'
import { describe, expect, test } from 'vitest'
import {
  compressPoint,
  decompressPoint,
  jwkFromPublicKey,
  jwkThumbprint,
  keyPairFromSeed,
  multikeyFromPublicKey,
  publicKeyFromJwk,
  publicKeyFromMultikey,
} from '../src/index.ts'

const algorithms = ['Ed25519', 'ES256'] as const

describe('a public key as a JWK', () => {
  test.each(algorithms)('an %s key comes back as it went', (algorithm) => {
    const { publicKey } = nodeCryptography.generateKeyPair(algorithm)
    expect(publicKeyFromJwk(jwkFromPublicKey(publicKey))).toEqual(publicKey)
  })

  test('the platform reads the same key out of it', () => {
    const { publicKey: object } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = publicKeyFromJwk(object.export({ format: 'jwk' }))
    expect(createPublicKey({ format: 'jwk', key: { ...jwkFromPublicKey(key) } }).equals(object)).toBe(true)
  })

  test('a stranger cannot slip in another shape, another use or a private key', () => {
    const jwk = jwkFromPublicKey(nodeCryptography.generateKeyPair('ES256').publicKey)
    const wrong: readonly unknown[] = [
      null,
      'key',
      {},
      { ...jwk, crv: 'P-384' },
      { ...jwk, kty: 'OKP' },
      { ...jwk, d: jwk.x },
      { ...jwk, k: jwk.x },
      { ...jwk, alg: 'none' },
      { ...jwk, alg: 'EdDSA' },
      { ...jwk, use: 'enc' },
      { ...jwk, x: `${jwk.x}=` },
      { ...jwk, x: jwk.x.slice(1) },
      { ...jwk, x: `A${jwk.x}` },
      { ...jwk, y: undefined },
      { kty: 'oct', k: 'AAAA' },
    ]
    for (const value of wrong) {
      expect(() => publicKeyFromJwk(value)).toThrow(expect.objectContaining({ code: 'ERR_MALFORMED' }))
    }
    expect(publicKeyFromJwk({ ...jwk, alg: 'ES256', use: 'sig', kid: '1', other: [] }).algorithm).toBe(
      'ES256',
    )
  })

  test('bytes of another algorithm make no JWK', () => {
    const bytes = new Uint8Array(33)
    for (const algorithm of algorithms) {
      expect(() => jwkFromPublicKey({ algorithm, bytes })).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }),
      )
    }
  })

  test('the thumbprint is the hash of the required members in alphabetical order (RFC 7638)', () => {
    const { publicKey } = nodeCryptography.generateKeyPair('ES256')
    const { x, y } = jwkFromPublicKey(publicKey) as { x: string; y: string }
    const text = `{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`
    expect(jwkThumbprint(nodeCryptography, publicKey)).toBe(
      createHash('sha256').update(text).digest('base64url'),
    )
  })
})

describe('a P-256 point', () => {
  test('is compressed and decompressed as OpenSSL does it', () => {
    for (let round = 0; round < 20; round++) {
      const { bytes } = nodeCryptography.generateKeyPair('ES256').publicKey
      const short = ECDH.convertKey(bytes, 'prime256v1', undefined, undefined, 'compressed') as Buffer
      expect(compressPoint(bytes)).toEqual(new Uint8Array(short))
      expect(decompressPoint(new Uint8Array(short))).toEqual(bytes)
    }
  })

  test('off the curve is refused, and so is every other encoding', () => {
    const { bytes } = nodeCryptography.generateKeyPair('ES256').publicKey
    const off = bytes.with(64, (bytes[64] ?? 0) ^ 1)
    const refused = expect.objectContaining({ code: 'ERR_MALFORMED' })
    expect(() => compressPoint(off)).toThrow(refused)
    expect(() => compressPoint(compressPoint(bytes))).toThrow(refused)
    expect(() => decompressPoint(bytes)).toThrow(refused)
    expect(() => decompressPoint(new Uint8Array(33).fill(0xff))).toThrow(refused)
    expect(() => compressPoint(new Uint8Array(65))).toThrow(refused)
  })
})

describe('a Multikey', () => {
  test.each([
    ['Ed25519', 'z6Mk'],
    ['ES256', 'zDn'],
  ] as const)('of %s begins with %s and comes back', (algorithm, start) => {
    const { publicKey } = nodeCryptography.generateKeyPair(algorithm)
    const text = multikeyFromPublicKey(publicKey)
    expect(text.startsWith(start)).toBe(true)
    expect(publicKeyFromMultikey(text)).toEqual(publicKey)
  })

  test('of random text never reads as a key, nor throws anything but a refusal', async () => {
    await eachSeed((seed) =>
      fc.assert(
        fc.property(fc.string({ maxLength: 80 }), (text) => {
          expect(() => publicKeyFromMultikey(`z${text}`)).toThrow(
            expect.objectContaining({ code: 'ERR_MALFORMED' }),
          )
        }),
        { numRuns: 2000, seed },
      ),
    )
  })
})

test('the same seed gives the same Ed25519 key, and the platform signs with it', async () => {
  const seed = new Uint8Array(32).fill(7)
  const pair = keyPairFromSeed(seed)
  expect(keyPairFromSeed(seed)).toEqual(pair)
  const signature = await nodeCryptography.signer(pair).sign(seed)
  expect(nodeCryptography.verify(pair.publicKey, seed, signature)).toBe(true)
  expect(base64url(pair.publicKey.bytes)).not.toBe(base64url(seed))
  expect(() => keyPairFromSeed(new Uint8Array(31))).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }),
  )
})
