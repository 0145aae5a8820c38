import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { expect, it } from 'vitest'
import { deriveMessageKey, open, padmeLength, seal, utf8 } from '../src/index.ts'

const components = { cryptography: nodeCryptography, random: nodeRandom }
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

it('opens with the same key at the same place, and nowhere else', () => {
  const key = nodeRandom(32)
  const sealed = seal(components, key, utf8('rent: 900'), utf8('row 7'))
  expect(open(nodeCryptography, key, sealed, utf8('row 7'))).toEqual(utf8('rent: 900'))
  const refused = expect.objectContaining({ code: 'ERR_SEAL_OPEN' })
  expect(() => open(nodeCryptography, nodeRandom(32), sealed, utf8('row 7'))).toThrow(refused)
  expect(() => open(nodeCryptography, key, sealed, utf8('row 8'))).toThrow(refused)
  expect(() => open(nodeCryptography, key, sealed.subarray(0, 20), utf8('row 7'))).toThrow(refused)
})

it('notices every flipped bit', () => {
  const key = nodeRandom(32)
  const sealed = seal(components, key, utf8('secret'), new Uint8Array(0))
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const flipped = sealed.slice()
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(() => open(nodeCryptography, key, flipped, new Uint8Array(0))).toThrow()
  }
})

it('is XAES-256-GCM: the published vectors open', () => {
  // C2SP XAES-256-GCM, test vectors: key of 0x01 and of 0x03, nonce "ABCDEFGHIJKLMNOPQRSTUVWX", plaintext "XAES-256-GCM".
  const nonce = utf8('ABCDEFGHIJKLMNOPQRSTUVWX')
  const vectors = [
    { fill: 1, associated: '', sealed: 'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271' },
    {
      fill: 3,
      associated: 'c2sp.org/XAES-256-GCM',
      sealed: '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d',
    },
  ]
  for (const { fill, associated, sealed } of vectors) {
    const messageKey = deriveMessageKey(nodeCryptography, new Uint8Array(32).fill(fill), nonce)
    const made = nodeCryptography.aes256GcmSeal(
      messageKey,
      nonce.subarray(12),
      utf8('XAES-256-GCM'),
      utf8(associated),
    )
    expect(hex(made)).toBe(sealed)
  }
})

it('shows only a bucket of the length', () => {
  const key = nodeRandom(32)
  const lengthOf = (length: number): number =>
    seal(components, key, new Uint8Array(length), new Uint8Array(0)).length
  expect(lengthOf(0)).toBe(lengthOf(60))
  expect(lengthOf(10_000)).toBe(lengthOf(10_001))
  for (const length of [1, 64, 65, 1000, 65_536, 1_000_000]) {
    expect(padmeLength(length)).toBeGreaterThanOrEqual(length)
    if (length > 64) expect(padmeLength(length)).toBeLessThanOrEqual(length * 1.12)
  }
})
