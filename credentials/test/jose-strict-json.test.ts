import { eachSeed } from '@muniment/compliance'
import { parseStrictJson } from '@muniment/credentials'
import fc from 'fast-check'
import { expect, it } from 'vitest'

it('every JSON value without __proto__ is read as it is, however it is spaced', async () => {
  await eachSeed((seed) =>
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'small' }), fc.constantFrom(0, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, undefined, space)
        fc.pre(!text.includes('__proto__'))
        expect(JSON.stringify(parseStrictJson(text))).toBe(JSON.stringify(value))
      }),
      { seed },
    ),
  )
})

it('a name that stands twice is refused, wherever it stands', async () => {
  const name = fc.string({ unit: 'grapheme', maxLength: 5 }).filter((text) => text !== '__proto__')
  await eachSeed((seed) =>
    fc.assert(
      fc.property(name, fc.jsonValue({ depthSize: 'small' }), (repeated, around) => {
        const twice = `{${JSON.stringify(repeated)}:1,"other ${repeated.length}":2,${JSON.stringify(repeated)}:3}`
        expect(() => parseStrictJson(twice)).toThrow('twice')
        fc.pre(!JSON.stringify(around).includes('__proto__'))
        expect(() => parseStrictJson(`[${JSON.stringify(around)},${twice}]`)).toThrow('twice')
      }),
      { seed },
    ),
  )
})
