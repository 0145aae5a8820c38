import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { expect, it } from 'vitest'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

it('hashes a passphrase with argon2id, version 0x13, as the reference implementation does', async () => {
  const parameters = { memoryKiB: 65_536, passes: 2, lanes: 1 }
  expect(hex(await nodeCryptography.argon2id(utf8('password'), utf8('somesalt'), parameters))).toBe(
    '09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7',
  )
})

it.each(['Ed25519', 'ES256'] as const)(
  'signs and verifies with %s, and refuses anything else',
  async (algorithm) => {
    const keyPair = nodeCryptography.generateKeyPair(algorithm)
    const signature = await nodeCryptography.signer(keyPair).sign(utf8('rent: 900'))
    expect(signature).toHaveLength(64)
    expect(nodeCryptography.verify(keyPair.publicKey, utf8('rent: 900'), signature)).toBe(true)
    expect(nodeCryptography.verify(keyPair.publicKey, utf8('rent: 901'), signature)).toBe(false)
    expect(nodeCryptography.verify(keyPair.publicKey, utf8('rent: 900'), signature.subarray(1))).toBe(false)
    const stranger = nodeCryptography.generateKeyPair(algorithm).publicKey
    expect(nodeCryptography.verify(stranger, utf8('rent: 900'), signature)).toBe(false)
  },
)

it('answers no for a key that is no point of the curve', () => {
  const publicKey = { algorithm: 'ES256', bytes: new Uint8Array(65).fill(4) } as const
  expect(nodeCryptography.verify(publicKey, utf8('x'), nodeRandom(64))).toBe(false)
})

/** Enough that r and s begin with zero bytes, and with a set bit, many times each. */
const MANY_SIGNATURES = 2000

it('writes and reads ES256 signatures as r ∥ s, byte for byte as Node itself does', async () => {
  const keyPair = nodeCryptography.generateKeyPair('ES256')
  const { publicKey, secretKey } = keyPair
  const part = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
  const [x, y] = [part(publicKey.bytes.subarray(1, 33)), part(publicKey.bytes.subarray(33))]
  const jwk = { kty: 'EC', crv: 'P-256', x, y, d: part(secretKey) }
  const dsaEncoding = 'ieee-p1363'
  const privateKey = { key: createPrivateKey({ format: 'jwk', key: jwk }), dsaEncoding } as const
  const signer = nodeCryptography.signer(keyPair)
  const opened = { key: createPublicKey({ format: 'jwk', key: jwk }), dsaEncoding } as const
  let short = 0
  for (let count = 0; count < MANY_SIGNATURES; count++) {
    const message = utf8(`rent: ${count}`)
    const ours = await signer.sign(message)
    const theirs = sign('sha256', message, privateKey)
    if (ours[0] === 0 || ours[32] === 0) short++
    expect(verify('sha256', message, opened, ours)).toBe(true)
    expect(nodeCryptography.verify(publicKey, message, theirs)).toBe(true)
  }
  expect(short).toBeGreaterThan(0)
})

it.each([
  ['nothing but zeros', new Uint8Array(64)],
  ['nothing but ones', new Uint8Array(64).fill(0xff)],
  ['zero for r', new Uint8Array(64).fill(1, 32)],
  ['zero for s', new Uint8Array(64).fill(1, 0, 32)],
  ['a small r and s', new Uint8Array(64).fill(1, 31, 32).fill(1, 63)],
])('answers no for a signature of %s', (_, signature) => {
  const { publicKey } = nodeCryptography.generateKeyPair('ES256')
  expect(nodeCryptography.verify(publicKey, utf8('rent: 900'), signature)).toBe(false)
})
