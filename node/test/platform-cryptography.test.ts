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
