import { textToBase64url } from '../src/jose/base64url-text.ts'
import { parseStrictJson } from '../src/jose/strict-json.ts'
import { parseDisclosure } from '../src/formats/sd-jwt/disclosure.ts'
import { eachSeed } from '@muniment/compliance'
import fc from 'fast-check'
import { nodeCryptography as cryptography } from 'muniment/platform'
import { expect, it } from 'vitest'

it('the short way for plain disclosures reads exactly what the JSON parser reads', async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '["',
      '"',
      '",',
      '", "',
      '","',
      ',',
      ' ',
      ']',
      '"]',
      '[',
      '{',
      '}',
      '1',
      'null',
      '\\',
      '\\"',
      'é',
      '\n',
    ),
    fc.stringMatching(/^[a-z]{0,3}$/),
  )
  const texts = fc.oneof(
    fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 4 }).map((pieces) => `["s","n","${pieces.join('')}"]`),
    fc.tuple(piece, piece, piece).map(([salt, name, value]) => `["${salt}", "${name}","${value}"]`),
  )
  await eachSeed((seed) =>
    fc.assert(
      fc.property(texts, (text) => {
        expect(claimOf(() => parseDisclosure(cryptography, textToBase64url(text)))).toEqual(
          claimOf(() => {
            const parts: unknown = parseStrictJson(text)
            if (!Array.isArray(parts)) throw new Error('no disclosure')
            const [salt, name, value, ...more]: unknown[] = parts
            if (more.length > 0 || typeof salt !== 'string' || name === undefined)
              throw new Error('no disclosure')
            if (value === undefined) return { salt, value: name }
            if (typeof name !== 'string') throw new Error('no disclosure')
            return { salt, name, value }
          }),
        )
      }),
      { numRuns: 5000, seed },
    ),
  )
})

function claimOf(read: () => object): unknown {
  try {
    const { encoded: _, digest: __, ...claim }: Record<string, unknown> = { ...read() }
    return claim
  } catch {
    return 'refused'
  }
}
