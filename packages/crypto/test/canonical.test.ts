import { eachSeed } from '@muniment/compliance'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { base64url, type CanonicalValue, fromBase64url, fromCanonical, toCanonical } from '../src/index.ts'

const malformed = expect.objectContaining({ code: 'ERR_MALFORMED' })

it('gives one encoding whatever the order of names', () => {
  expect(toCanonical({ b: 1, a: [true, null], absent: undefined })).toEqual(
    toCanonical({ a: [true, null], b: 1 }),
  )
})

it('brings back what went in', async () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array(),
  )
  const value = fc.letrec<{ value: CanonicalValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      leaf,
      fc.array(tie('value')),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tie('value')),
    ),
  })).value
  await eachSeed((seed) =>
    fc.assert(
      fc.property(value, (original) => {
        expect(fromCanonical(toCanonical(original))).toEqual(original)
      }),
      { seed },
    ),
  )
})

it.each([
  ['a longer number', [0x18, 0x01]],
  ['names out of order', [0xa2, 0x61, 0x62, 0x01, 0x61, 0x61, 0x02]],
  ['a name twice', [0xa2, 0x61, 0x61, 0x01, 0x61, 0x61, 0x02]],
  ['indefinite length', [0x9f, 0x01, 0xff]],
  ['a tag', [0xc1, 0x01]],
  ['undefined', [0xf7]],
  ['not a number', [0xf9, 0x7e, 0x00]],
  ['bytes after the end', [0x01, 0x01]],
  ['an end too early', [0x82, 0x01]],
  ['a length of 4 GB', [0x5a, 0xff, 0xff, 0xff, 0xff]],
  ['nothing', []],
])('refuses %s', (_what, bytes) => {
  expect(() => fromCanonical(Uint8Array.from(bytes))).toThrow(malformed)
})

it('refuses nesting that would exhaust the stack, at once', () => {
  expect(() => fromCanonical(new Uint8Array(1_000_000).fill(0x81))).toThrow(malformed)
})

it('never throws anything but its own error on random bytes', async () => {
  await eachSeed((seed) =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          expect(toCanonical(fromCanonical(bytes) as CanonicalValue)).toEqual(bytes)
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_MALFORMED' })
        }
      }),
      { numRuns: 2000, seed },
    ),
  )
})

it('has one base64url text for each byte string', async () => {
  await eachSeed((seed) =>
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromBase64url(base64url(bytes))).toEqual(bytes)
      }),
      { seed },
    ),
  )
  for (const text of ['AB', 'A', 'AA==', 'A+', 'A/', 'AAB', 'é'])
    expect(() => fromBase64url(text)).toThrow(malformed)
  expect(base64url(Uint8Array.from([0xfb, 0xff]))).toBe('-_8')
})

it('takes __proto__ for a name like any other, and changes no prototype', () => {
  const bytes = [0xa1, 0x69, ...new TextEncoder().encode('__proto__'), 0xa1, 0x61, 0x61, 0x01]
  const value = fromCanonical(Uint8Array.from(bytes))
  expect(Object.keys(value as object)).toEqual(['__proto__'])
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
})

it('gives plain bytes whatever their length, and no subclass of them', () => {
  for (const length of [0, 10, 100, 1000, 10_000, 100_000]) {
    const bytes = toCanonical({ a: 'x'.repeat(length), b: new Uint8Array(length) })
    expect(bytes.constructor).toBe(Uint8Array)
  }
})
