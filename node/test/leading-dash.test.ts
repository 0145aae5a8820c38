import { expect, test } from 'vitest'
import { markIds, unmarked, unmarkedFlags } from '../src/cli/leading-dash.ts'

const RECORD = '-EcrwZtuS-ih_2cBtiT4CA.0'
const HASH = '-Y4xGq0oX8bWl2m1sQd7Zr3tUv5wPaKeNfHjLcBgE_0'
const TWO_DASHES = '--crwZtuS-ih_2cBtiT4CA'

test('an id or a hash that begins with a dash is no option, and arrives as it was typed', () => {
  for (const typed of [RECORD, HASH, TWO_DASHES]) {
    const [marked = ''] = markIds([typed])
    expect(marked.startsWith('-')).toBe(false)
    expect(unmarked(marked)).toBe(typed)
    expect(unmarkedFlags({ preview: marked, json: true })).toEqual({ preview: typed, json: true })
  }
})

test('options stay options, whatever their length', () => {
  const options = [
    '--json',
    '-V',
    '--archive-passphrase-file',
    '--twenty-two-letters-x',
    '--',
    '-',
    'q3Vx.17',
  ]
  expect(markIds(options)).toEqual(options)
})
