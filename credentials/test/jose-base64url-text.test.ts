import { eachSeed } from '@muniment/compliance'
import { base64url, fromBase64url, utf8 } from '@muniment/crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { base64urlToText, textToBase64url } from '../src/jose/base64url-text.ts'

it('any text comes back from its one base64url form', async () => {
  await eachSeed((seed) =>
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(textToBase64url(text)).toBe(base64url(utf8(text)))
        expect(base64urlToText(textToBase64url(text))).toBe(text)
      }),
      { seed },
    ),
  )
})

it('exactly what the strict decoder refuses is refused: other alphabets, white space, padding, unused bits', async () => {
  const character = fc.constantFrom(...'AQgwz019-_+/= \t\n\f\r\v\0~.é\u00a0\ufeff')
  await eachSeed((seed) =>
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 9 }), (text) => {
        expect(isAccepted(() => base64urlToText(text))).toBe(
          isAccepted(() => new TextDecoder('utf-8', { fatal: true }).decode(fromBase64url(text))),
        )
      }),
      { numRuns: 3000, seed },
    ),
  )
})

function isAccepted(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}
