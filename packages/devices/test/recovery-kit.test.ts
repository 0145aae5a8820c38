import fc from 'fast-check'
import { fromUtf8, utf8 } from '@muniment/crypto'
import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { expect, test } from 'vitest'
import {
  decodeKitState,
  decodeRecoveryCard,
  encodeKitState,
  encodeRecoveryCard,
  kitCounts,
  kitPageHtml,
  kitPageText,
  makeRecoveryKit,
  readRecoveryKit,
  type RecoveryKit,
  recoveryCard,
  recoveryMember,
  rehearseWords,
  startRehearsal,
  type WordLanguage,
  type WordProblem,
} from '../src/index.ts'
import { openLockbox, sealLockbox } from '../src/lockbox.ts'
import { components } from './person.ts'

const MADE = { madeAt: Date.UTC(2026, 10, 24) }
const kitIn = (language: WordLanguage): Promise<RecoveryKit> => makeRecoveryKit(components, { language })

async function read(text: string, keyId?: string): Promise<RecoveryKit> {
  const answer = await readRecoveryKit(components, text, { keyId })
  if (!answer.ok) throw new Error(answer.problems.map(({ message }) => message).join(' '))
  return answer.kit
}

async function problemsOf(text: string, keyId?: string): Promise<readonly WordProblem[]> {
  const answer = await readRecoveryKit(components, text, { keyId })
  return answer.ok ? [] : answer.problems
}

test.each(['en', 'fr'] as const)(
  'Ana types the 24 words of her %s kit and has its keys again',
  async (language) => {
    const kit = await kitIn(language)
    expect(kit.words).toHaveLength(24)
    const again = await read(kit.words.join(' '))
    expect(again).toEqual(kit)
    expect(again.member.keys.signing.secretKey).toEqual(kit.member.keys.signing.secretKey)
  },
)

test('The words may be typed in capitals, without accents, numbered, cut after four letters, over several lines', async () => {
  for (const language of ['en', 'fr'] as const) {
    const kit = await kitIn(language)
    const plain = kit.words.map((word) => word.normalize('NFD').replaceAll(/\p{M}/gu, ''))
    const forms = [
      plain.map((word) => word.toUpperCase()).join('\n'),
      plain.map((word, index) => `${index + 1}. ${word}`).join('   \t'),
      plain.map((word) => word.slice(0, 4)).join(', '),
      kit.words.map((word) => word.normalize('NFD')).join('\u00A0'),
      `  ${kit.words.map((word) => word.slice(0, 5)).join(' \r\n')}  `,
    ]
    for (const form of forms) expect((await read(form, kit.member.keyId)).link).toBe(kit.link)
  }
})

test('The page that was printed can be typed back from the QR code, and its key id in any form', async () => {
  const kit = await kitIn('fr')
  expect(await read(`  ${kit.link}\n`)).toEqual(kit)
  const [first = '', ...others] = kit.member.keyId.toLowerCase().split('-')
  expect(await read(kit.link, ` ${first} ${others.join('')}`)).toEqual(kit)
  const damaged = kit.link.replace('&s=', '&s=A')
  expect(await problemsOf(damaged)).toMatchObject([{ code: 'link_damaged' }])
  expect(await problemsOf(kit.link.replace('v=1', 'v=2'))).toMatchObject([{ code: 'newer_version' }])
})

test('A misspelt word is named by its place, with the word that was meant', async () => {
  for (const language of ['en', 'fr'] as const) {
    const kit = await kitIn(language)
    const misspelt = (kit.words[6] ?? '').normalize('NFD').replaceAll(/\p{M}/gu, '')
    const typed = kit.words.with(6, `${misspelt.slice(0, 2)}x${misspelt.slice(2)}`).join(' ')
    const [problem, ...others] = await problemsOf(typed, kit.member.keyId)
    expect(others).toEqual([])
    expect(problem).toMatchObject({ code: 'unknown_word', position: 7 })
    expect(problem?.suggestions).toEqual([kit.words[6]])
    expect((await problemsOf(typed))[0]?.suggestions).toContain(kit.words[6])
  }
})

test('Every misspelt word is named, and a missing one is counted', async () => {
  const kit = await kitIn('en')
  const typed = kit.words.with(2, 'qqqqqq').with(20, 'zzzzzz').slice(0, 23)
  expect(await problemsOf(typed.join(' '))).toMatchObject([
    { code: 'word_count' },
    { code: 'unknown_word', position: 3, suggestions: [] },
    { code: 'unknown_word', position: 21 },
  ])
  expect(await problemsOf('')).toMatchObject([{ code: 'word_count' }])
  expect(JSON.stringify(await problemsOf(typed.join(' ')))).not.toContain('qqqqqq')
})

test('The words of an older kit are refused beside the key id of the new one', async () => {
  const [older, newer] = [await kitIn('en'), await kitIn('en')]
  expect(await problemsOf(older.words.join(' '), newer.member.keyId)).toMatchObject([{ code: 'other_kit' }])
  const swapped = [older.words[1], older.words[0], ...older.words.slice(2)].join(' ')
  const [problem] = await problemsOf(swapped, older.member.keyId)
  expect(['words_do_not_fit', 'other_kit']).toContain(problem?.code)
})

const letter = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz')

/** A slip as people make them: in a letter, or in a word. */
const slip = fc.oneof(
  fc.record({ kind: fc.constantFrom('drop', 'double', 'swap') }),
  fc.record({ kind: fc.constantFrom('wrong', 'more'), letter }),
  fc.record({ kind: fc.constantFrom('word-dropped', 'word-twice', 'words-swapped') }),
  fc.record({ kind: fc.constant('other-word'), other: fc.nat(40 * 24 - 1) }),
)
type Slip = { kind: string; letter?: string; other?: number }

interface SlipPlace {
  readonly words: readonly string[]
  readonly at: number
  readonly before: string
  readonly after: string
  readonly made: Slip
}

const SLIPS: Readonly<Record<string, (place: SlipPlace) => string | readonly string[]>> = {
  drop: ({ before, after }) => before + after.slice(1),
  double: ({ before, after }) => before + after.charAt(0) + after,
  swap: ({ before, after }) => before + after.charAt(1) + after.charAt(0) + after.slice(2),
  wrong: ({ before, after, made }) => before + (made.letter ?? '') + after.slice(1),
  more: ({ before, after, made }) => before + (made.letter ?? '') + after,
  'word-dropped': ({ words, at }) => words.toSpliced(at, 1),
  'word-twice': ({ words, at }) => words.toSpliced(at, 0, words[at] ?? ''),
  'words-swapped': ({ words, at }) =>
    words.with(at, words[(at + 1) % 24] ?? '').with((at + 1) % 24, words[at] ?? ''),
  'other-word': ({ made }) => OTHER_WORDS[made.other ?? 0] ?? '',
}

function withSlip(words: readonly string[], at: number, place: number, made: Slip): string {
  const word = words[at] ?? ''
  const cut = place % word.length
  const typed =
    SLIPS[made.kind]?.({ words, at, before: word.slice(0, cut), after: word.slice(cut), made }) ?? ''
  return (typeof typed === 'string' ? words.with(at, typed) : typed).join(' ')
}

/** Words of the list, as kits have them. */
const OTHER_WORDS = (await Promise.all(Array.from({ length: 40 }, () => kitIn('en')))).flatMap(
  ({ words }) => words,
)

test('None of 1,000 random typing errors opens another vault', { timeout: 60_000 }, async () => {
  const kit = await kitIn('en')
  const { keyId, keys } = kit.member
  const place = { vault: 'v', epoch: 'e', keyId: nodeRandom(16) }
  const epochKey = nodeRandom(32)
  const agreementKey = keys.agreement.publicKey
  const box = await sealLockbox(nodeCryptography, { epochKey, place }, { id: keys.id, agreementKey })
  expect(await openLockbox(nodeCryptography, { lockboxes: [box], place }, keys)).toEqual(epochKey)
  const seen = { refused: 0, tolerated: 0, other: 0 }
  await fc.assert(
    fc.asyncProperty(fc.nat(23), fc.nat(20), slip, async (at, cut, made) => {
      const typed = withSlip(kit.words, at, cut, made)
      const beside = await readRecoveryKit(components, typed, { keyId })
      if (beside.ok) {
        seen.tolerated++
        expect(beside.kit.member).toEqual(kit.member)
        return
      }
      const alone = await readRecoveryKit(components, typed)
      if (!alone.ok) {
        seen.refused++
        return
      }
      const opened = await openLockbox(nodeCryptography, { lockboxes: [box], place }, alone.kit.member.keys)
      seen.other++
      expect(alone.kit.member.keyId).not.toBe(keyId)
      expect(opened).toBeUndefined()
    }),
    { numRuns: 1000 },
  )
  expect(seen.refused).toBeGreaterThan(600)
})

test('Ana’s kit counts only after she has typed three of its words', async () => {
  const kit = await kitIn('fr')
  const { keyId } = kit.member
  expect(kitCounts({ keyId, ...MADE })).toBe(false)
  const rehearsal = startRehearsal(components, kit)
  expect(new Set(rehearsal.positions).size).toBe(3)
  const answers = rehearsal.positions.map((position) => kit.words[position - 1] ?? '')
  const [first = '', second = '', third = ''] = answers
  const wrong = kit.words.find((word) => !answers.includes(word)) ?? ''
  expect(rehearsal.answer([first, wrong, third])).toMatchObject({
    problems: [{ code: 'wrong_word', position: rehearsal.positions[1] }],
  })
  expect(rehearsal.answer([first, 'qqqqq', third])).toMatchObject({
    problems: [{ code: 'unknown_word', position: rehearsal.positions[1] }],
  })
  expect(rehearsal.answer([first, `${second} ${third}`, third]).ok).toBe(false)
  expect(rehearsal.answer([first, second])).toMatchObject({ problems: [{ code: 'word_count' }] })
  expect(rehearsal.answer([first.toUpperCase(), second.slice(0, 4), third])).toEqual({ ok: true })
  const state = { keyId, ...MADE, rehearsed: { at: MADE.madeAt + 1, how: 'three_words' as const } }
  expect(kitCounts(decodeKitState(encodeKitState(state)))).toBe(true)
  expect(decodeKitState(encodeKitState({ keyId, ...MADE }))).toEqual({ keyId, ...MADE })
  expect(() => decodeKitState(utf8('{}'))).toThrow(expect.objectContaining({ code: 'ERR_MALFORMED' }))
})

test('Every word is asked for sooner or later', async () => {
  const kit = await kitIn('en')
  const asked = new Set<number>()
  for (let round = 0; round < 400; round++)
    for (const p of startRehearsal(components, kit).positions) asked.add(p)
  expect([...asked].sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1))
})

test('A year later, Ana rehearses with all the words, and the words of a kit she replaced do not count', async () => {
  const [kit, replaced] = [await kitIn('en'), await kitIn('en')]
  const card = decodeRecoveryCard(encodeRecoveryCard(recoveryCard(kit.member, MADE.madeAt)))
  expect(card).toEqual(recoveryCard(kit.member, MADE.madeAt))
  expect(await rehearseWords(components, kit.words.join(' '), card)).toEqual({ ok: true })
  expect(await rehearseWords(components, replaced.words.join(' '), card)).toMatchObject({ ok: false })
})

test('What the devices keep of a kit holds none of its secrets', async () => {
  const { member, link } = await kitIn('en')
  const kept = encodeRecoveryCard(recoveryCard(member, MADE.madeAt))
  const secrets = [member.keys.signing.secretKey, member.keys.agreement.secretKey, utf8(link)]
  for (const secret of secrets) expect(Buffer.from(kept).includes(Buffer.from(secret))).toBe(false)
  expect(() => decodeRecoveryCard(kept.subarray(1))).toThrow(
    expect.objectContaining({ code: 'ERR_MALFORMED' }),
  )
})

test('A kit and guardians have no key in common, were their secrets the same', async () => {
  const secret = nodeRandom(32)
  const [kit, guardians] = [
    await recoveryMember(components, { kind: 'kit', secret }),
    await recoveryMember(components, { kind: 'guardians', secret }),
  ]
  const keysOf = ({ keys, replicaKey }: typeof kit): Uint8Array[] => [
    keys.signing.secretKey,
    keys.signing.publicKey.bytes,
    keys.agreement.secretKey,
    keys.agreement.publicKey,
    replicaKey,
  ]
  const all = [...keysOf(kit), ...keysOf(guardians)].map((bytes) => Buffer.from(bytes).toString('hex'))
  expect(new Set(all).size).toBe(10)
  await expect(recoveryMember(components, { kind: 'kit', secret: secret.subarray(1) })).rejects.toMatchObject(
    {
      code: 'ERR_INVALID_ARGUMENT',
    },
  )
})

test('The page shows words, key id and date in both languages, and loads nothing', async () => {
  const kit = await kitIn('fr')
  const text = kitPageText(kit, MADE)
  const html = kitPageHtml(kit, MADE)
  for (const page of [text, html]) {
    for (const word of kit.words) expect(page).toContain(word)
    for (const part of [
      kit.member.keyId,
      '2026-11-24',
      'Identifiant de clé',
      'Key id',
      'passeport',
      'passport',
    ])
      expect(page).toContain(part)
  }
  const table = text.split('\n').slice(6, 14).join('\n')
  expect(await read(table)).toEqual(kit)
  expect(html).toContain("default-src 'none'")
  expect(html).toContain('<svg')
  expect(html).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|src=|href=/iu)
  expect(fromUtf8(utf8(html))).toBe(html)
})
