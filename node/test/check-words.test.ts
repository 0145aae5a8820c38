import { describe, expect, it } from 'vitest'
import { checkLines } from '../src/cli/commands/check.ts'

const WHOLE = {
  rows: 12,
  damagedRows: 0,
  smallFiles: [],
  ok: true,
  damage: { incidents: [], healed: [], gone: [] },
}
const DAMAGED = {
  rows: 12,
  damagedRows: 1,
  damagedFiles: 'a block of the store is damaged',
  smallFiles: ['keyring'],
  ok: false,
  damage: {
    incidents: [
      {
        at: Date.UTC(2026, 10, 24, 3, 40),
        kept: 'damaged-2026-11-24T03.40.00.000Z',
        corrected: ['key.file'],
        isKeyringLost: true,
        lost: { parts: 2, rows: 1, files: [], entries: 5, spentCopies: 3 },
      },
    ],
    healed: [{ at: 0, entries: 4, from: ['Phone'] }],
    open: { entries: [{ name: 'Laptop', first: 7, last: 9 }], keyring: true, head: true },
    gone: [],
  },
}

describe('what a person is told after a check', () => {
  it('of a whole vault is one line', () => {
    expect(checkLines(WHOLE, 'en')).toEqual(['12 rows read: everything is as it was written.'])
    expect(checkLines(WHOLE, 'fr')).toEqual(['12 lignes lues : tout est tel que ce fut écrit.'])
  })

  it.each(['en', 'fr'] as const)('of a damaged one is everything that matters (%s)', (language) => {
    const text = checkLines(DAMAGED, language).join('\n')
    for (const fact of [
      '12',
      'keyring',
      '7',
      '9',
      'Laptop',
      'Phone',
      'key.file',
      'damaged-2026',
      'muniment lock',
    ])
      expect(text).toContain(fact)
  })
})
