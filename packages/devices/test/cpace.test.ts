import { eachSeed } from '@muniment/compliance'
import { utf8 } from '@muniment/crypto'
import fc from 'fast-check'
import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { describe, expect, test } from 'vitest'
import {
  calculateGenerator,
  confirmationTag,
  generatorString,
  scalarMultVfy,
  sessionKey,
  startCpace,
  transcriptOf,
} from '../src/cpace.ts'

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const components = { cryptography: nodeCryptography, random: nodeRandom }

/** Figures of draft-irtf-cfrg-cpace, appendix "Test vector for CPace using group ristretto255 and hash SHA-512". */
const draft = {
  inputs: {
    secret: utf8('Password'),
    channel: hex('6f630b425f726573706f6e6465720b415f696e69746961746f72'),
    session: hex('7e4b4791d6a8ef019b936c79fb7f2c57'),
  },
  generator: hex('a6fc82c3b8968fbb2e06fee81ca858586dea50d248f0c7ca6a18b0902a30b36b'),
  ya: hex('da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08'),
  Ya: hex('d40fb265a7abeaee7939d91a585fe59f7053f982c296ec413c624c669308f87a'),
  yb: hex('d2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d'),
  Yb: hex('08bcf6e9777a9c313a3db6daa510f2d398403319c2341bd506a92e672eb7e307'),
  K: hex('e22b1ef7788f661478f3cddd4c600774fc0f41e6b711569190ff88fa0e607e09'),
  isk: hex(
    '4c5469a16b2364c4b944ebc1a79e51d1674ad47db26e8718154f59faebfaa52d' +
      '8346f30aa58377117eb20d527f2cbc5c76381f7fd372e89df8239f87f2e02ed1',
  ),
}

describe('CPace gives the figures of its draft', () => {
  test('the generator string has 172 bytes, with zeros up to the end of the first hash block', () => {
    const text = generatorString(draft.inputs)
    expect(text.length).toBe(172)
    expect(text.subarray(27, 127).slice(1)).toEqual(new Uint8Array(99))
  })

  test('the generator', () => {
    expect(calculateGenerator(nodeCryptography, draft.inputs)).toEqual(draft.generator)
  })

  test('the messages of both ends, and the point they share', () => {
    expect(scalarMultVfy(draft.ya, draft.generator)).toEqual(draft.Ya)
    expect(scalarMultVfy(draft.yb, draft.generator)).toEqual(draft.Yb)
    expect(scalarMultVfy(draft.ya, draft.Yb)).toEqual(draft.K)
    expect(scalarMultVfy(draft.yb, draft.Ya)).toEqual(draft.K)
  })

  test('the key of the initiator/responder setting', () => {
    const transcript = transcriptOf(
      { share: draft.Ya, associated: utf8('ADa') },
      { share: draft.Yb, associated: utf8('ADb') },
    )
    expect(sessionKey(nodeCryptography, draft.inputs.session, draft.K, transcript)).toEqual(draft.isk)
  })

  test('a run with the numbers of the draft arrives at its key from both ends', () => {
    const at = (scalar: Uint8Array) => ({ cryptography: nodeCryptography, random: () => scalar })
    const a = startCpace(at(draft.ya), draft.inputs, { role: 'initiator', associated: utf8('ADa') })
    const b = startCpace(at(draft.yb), draft.inputs, { role: 'responder', associated: utf8('ADb') })
    expect(a.finish(b.message)).toEqual(draft.isk)
    expect(b.finish(a.message)).toEqual(draft.isk)
  })

  test('a valid point is multiplied; what is no point, or the neutral element, aborts', () => {
    const s = hex('7cd0e075fa7955ba52c02759a6c90dbbfc10e6d40aea8d283e407d88cf538a05')
    const valid = hex('2c3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c')
    const product = hex('7c13645fe790a468f62c39beb7388e541d8405d1ade69d1778c5fe3e7f6b600e')
    const broken = hex('2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c')
    expect(scalarMultVfy(s, valid)).toEqual(product)
    expect(scalarMultVfy(s, broken)).toBeUndefined()
    expect(scalarMultVfy(s, new Uint8Array(32))).toBeUndefined()
    const run = startCpace(components, draft.inputs, { role: 'responder', associated: utf8('b') })
    for (const share of [broken, new Uint8Array(32), new Uint8Array(31)]) {
      expect(() => run.finish({ share, associated: utf8('a') })).toThrow(
        expect.objectContaining({ code: 'ERR_PROTOCOL' }),
      )
    }
  })
})

describe('two ends that differ in anything get different keys', () => {
  const changed = fc.constantFrom('none', 'secret', 'channel', 'session', 'associated')
  test('and equal keys and tags when they differ in nothing', async () => {
    await eachSeed((seed) =>
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), changed, (secret, difference) => {
          const mine = { secret, channel: utf8('alice > bob'), session: nodeRandom(32) }
          const theirs = { ...mine, ...(difference in mine ? { [difference]: utf8('something else') } : {}) }
          const a = startCpace(components, mine, { role: 'initiator', associated: utf8('a') })
          const b = startCpace(components, theirs, { role: 'responder', associated: utf8('b') })
          const seen = difference === 'associated' ? { ...a.message, associated: utf8('x') } : a.message
          const keyA = a.finish(b.message)
          const keyB = b.finish(seen)
          const tag = (key: Uint8Array) =>
            confirmationTag(nodeCryptography, { key, session: mine.session, sent: a.message })
          const isSame = Buffer.from(keyA).equals(keyB)
          expect(isSame).toBe(difference === 'none')
          expect(Buffer.from(tag(keyA)).equals(tag(keyB))).toBe(isSame)
        }),
        { numRuns: 40, seed },
      ),
    )
  })
})
