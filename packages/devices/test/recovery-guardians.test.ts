import { fromCanonical, toCanonical } from '@muniment/crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeGuardianSet,
  encodeGuardianSet,
  type Fragment,
  fragmentLink,
  fragmentPageHtml,
  fragmentPageText,
  fragmentWords,
  makeDeviceKeys,
  makeGuardianSet,
  type NewGuardianSet,
  openSealedFragment,
  readFragment,
  type RecoveryMember,
  recoverFromFragments,
  sealFragment,
} from '../src/index.ts'
import { components } from './person.ts'

const AT = Date.UTC(2026, 10, 24)
const FRIENDS = ['Bob', 'Zoë', 'Carol', 'Dan', 'Eve']
const threeOfFive = (at: number = AT): Promise<NewGuardianSet> =>
  makeGuardianSet(components, { threshold: 3, guardians: FRIENDS, at })
const bring = (fragments: readonly Fragment[]): { from: string; fragment: Uint8Array }[] =>
  fragments.map(({ bytes, guardian }) => ({ from: guardian, fragment: bytes }))

async function recovered(given: Parameters<typeof recoverFromFragments>[1]): Promise<RecoveryMember> {
  const outcome = await recoverFromFragments(components, given)
  if (!outcome.ok) throw new Error(outcome.problems.map(({ message }) => message).join(' '))
  return outcome.member
}

/** A fragment with one of its parts replaced and the signature left as it was. */
function altered({ bytes }: Fragment, part: number, value: unknown): Uint8Array {
  const parts = fromCanonical(bytes)
  if (!Array.isArray(parts)) throw new Error('a fragment is a list')
  return toCanonical(parts.with(part, value))
}

const SHARE = 7

test('Any three of Ana’s five guardians restore her recover member, in whatever order they come', async () => {
  const { member, fragments } = await threeOfFive()
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([...fragments], { minLength: 3 }), async (some) => {
      expect(await recovered(bring(some))).toEqual(member)
    }),
    { numRuns: 20 },
  )
})

test('Two of them restore nothing, and Ana is told how many are missing', async () => {
  const { fragments } = await threeOfFive()
  const outcome = await recoverFromFragments(components, bring(fragments.slice(0, 2)))
  expect(outcome).toMatchObject({ ok: false, problems: [{ code: 'too_few_fragments' }] })
  expect(outcome.ok ? '' : outcome.problems[0]?.message).toContain('2 of the 3')
  expect(await recoverFromFragments(components, [])).toMatchObject({
    problems: [{ code: 'too_few_fragments' }],
  })
})

test('The same fragment twice counts once', async () => {
  const { fragments } = await threeOfFive()
  const [first, second] = fragments
  if (!first || !second) throw new Error('there are five')
  const outcome = await recoverFromFragments(components, bring([first, second, first]))
  expect(outcome).toMatchObject({ ok: false, problems: [{ code: 'too_few_fragments' }] })
})

test('Carol’s fragment with any bit flipped is named as hers and never gives a wrong secret', async () => {
  const { member, fragments } = await threeOfFive()
  const carols = fragments[2]
  if (!carols) throw new Error('Carol has the third')
  await fc.assert(
    fc.asyncProperty(fc.nat(carols.bytes.length * 8 - 1), async (bit) => {
      const bad = Uint8Array.from(carols.bytes)
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const others = bring(fragments.slice(0, 2))
      const outcome = await recoverFromFragments(components, [...others, { from: 'Carol', fragment: bad }])
      expect(outcome).toMatchObject({
        ok: false,
        problems: [{ code: 'fragment_damaged', guardian: 'Carol', given: 3 }, { code: 'too_few_fragments' }],
      })
      const enough = [...bring(fragments.slice(3)), ...others, { from: 'Carol', fragment: bad }]
      expect(await recoverFromFragments(components, enough)).toMatchObject({
        ok: true,
        bad: [{ guardian: 'Carol' }],
      })
    }),
    { numRuns: 100 },
  )
  expect(await recovered(bring(fragments.slice(0, 3)))).toEqual(member)
})

test('A guardian who makes up a share for the set cannot sign it', async () => {
  const { fragments } = await threeOfFive()
  const [bobs, zoes, carols] = fragments
  if (!bobs || !zoes || !carols) throw new Error('there are five')
  const made = altered(carols, SHARE, new Uint8Array(33).fill(7))
  const outcome = await recoverFromFragments(components, [...bring([bobs, zoes]), { fragment: made }])
  expect(outcome).toMatchObject({ problems: [{ code: 'fragment_damaged', guardian: 'Carol' }, {}] })
  const fewer = altered(bobs, 1, 2)
  expect(readFragment(components, fewer)).toMatchObject({ problems: [{ code: 'fragment_damaged' }] })
})

test('Fragments from before the guardians were changed do not mix with the new ones, and are named', async () => {
  const [old, fresh] = [await threeOfFive(AT - 86_400_000), await threeOfFive()]
  expect(old.set.member).not.toBe(fresh.set.member)
  const mixed = await recoverFromFragments(
    components,
    bring([...fresh.fragments.slice(0, 3), ...old.fragments.slice(3, 4)]),
  )
  expect(mixed).toMatchObject({
    ok: false,
    problems: [{ code: 'fragments_of_other_sets', guardian: 'Dan', given: 4 }],
  })
  expect(mixed.ok ? '' : mixed.problems[0]?.message).toContain('2026-11-23')
  const even = await recoverFromFragments(
    components,
    bring([...fresh.fragments.slice(0, 1), ...old.fragments.slice(1, 2)]),
  )
  expect(even).toMatchObject({ problems: [{ guardian: 'Bob' }, { guardian: 'Zoë' }] })
  expect((await recovered(bring(old.fragments))).keyId).toBe(old.set.keyId)
})

test('A fragment goes by QR code, by file and by words, and the words may be typed carelessly', async () => {
  const { fragments, member } = await threeOfFive()
  const [bobs, zoes, carols] = fragments
  if (!bobs || !zoes || !carols) throw new Error('there are five')
  for (const language of ['en', 'fr'] as const) {
    const lines = fragmentWords(bobs, language)
    expect(lines).toHaveLength(5)
    const careless = lines.map((line) =>
      line
        .split(' ')
        .map((word) => word.slice(0, 4).toUpperCase())
        .join('  '),
    )
    expect(readFragment(components, careless.join('\n'))).toEqual({ ok: true, fragment: bobs })
  }
  const given = [fragmentLink(bobs), fragmentWords(zoes, 'fr').join('\n'), carols.bytes]
  expect(await recovered(given.map((fragment) => ({ fragment })))).toEqual(member)
  expect(readFragment(components, fragmentLink(bobs).replace('v=1', 'v=9'))).toMatchObject({
    problems: [{ code: 'newer_version' }],
  })
})

test('A slip in the words of a fragment is named by its line or its place', async () => {
  const { fragments } = await threeOfFive()
  const [bobs] = fragments
  if (!bobs) throw new Error('there are five')
  const words = fragmentWords(bobs, 'en').join(' ').split(' ')
  const outcome = await recoverFromFragments(components, [
    { from: 'Bob', fragment: words.with(30, 'qqqqq').join(' ') },
  ])
  expect(outcome).toMatchObject({
    problems: [{ code: 'unknown_word', position: 31, guardian: 'Bob' }, { code: 'too_few_fragments' }],
  })
  expect(readFragment(components, words.slice(1).join(' '))).toMatchObject({
    problems: [{ code: 'word_count' }],
  })
  const others = fragmentWords(bobs, 'en').map((line, index) =>
    index === 3 ? line.split(' ').toReversed().join(' ') : line,
  )
  const reversed = readFragment(components, others.join('\n'))
  // One reversed line in 256 has a check that holds; then the signature says so.
  expect(reversed).toMatchObject({ ok: false })
  expect(['line_does_not_fit', 'fragment_damaged']).toContain(reversed.ok ? '' : reversed.problems[0]?.code)
  expect(readFragment(components, '')).toMatchObject({ problems: [{ code: 'word_count' }] })
})

test('A fragment sealed to Bob’s phone opens there and nowhere else', async () => {
  const { fragments } = await threeOfFive()
  const [bobs] = fragments
  if (!bobs) throw new Error('there are five')
  const [phone, mallorys] = [await makeDeviceKeys(components), await makeDeviceKeys(components)]
  const sealed = await sealFragment(bobs, phone.agreement.publicKey)
  expect(await openSealedFragment(phone.agreement, sealed)).toEqual(bobs.bytes)
  expect(await openSealedFragment(mallorys.agreement, sealed)).toBeUndefined()
  expect(await openSealedFragment(phone.agreement, sealed.subarray(1))).toBeUndefined()
  expect(
    await openSealedFragment(phone.agreement, sealed.with(1200, (sealed[1200] ?? 0) ^ 1)),
  ).toBeUndefined()
  await expect(sealFragment(bobs, new Uint8Array(3))).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
})

test('Nothing of the secret stands in one fragment, or in what the devices keep of the set', async () => {
  const { member, fragments, set } = await threeOfFive()
  expect(decodeGuardianSet(encodeGuardianSet(set))).toEqual(set)
  const secrets = [member.keys.signing.secretKey, member.keys.agreement.secretKey, member.replicaKey]
  for (const bytes of [encodeGuardianSet(set), ...fragments.map((fragment) => fragment.bytes)]) {
    for (const secret of secrets) expect(Buffer.from(bytes).includes(Buffer.from(secret))).toBe(false)
  }
  expect(() => decodeGuardianSet(new Uint8Array([1]))).toThrow(
    expect.objectContaining({ code: 'ERR_MALFORMED' }),
  )
})

test('A set that protects nobody or nothing is refused', async () => {
  const refused = [
    { threshold: 1, guardians: ['Bob', 'Zoë'] },
    { threshold: 3, guardians: ['Bob', 'Zoë'] },
    { threshold: 2.5, guardians: FRIENDS },
    { threshold: 2, guardians: Array.from({ length: 17 }, (_, index) => `Friend ${index}`) },
    { threshold: 2, guardians: ['Bob', 'Bob'] },
    { threshold: 2, guardians: ['Bob', ''] },
    { threshold: 2, guardians: ['Bob', 'Zo\u202Ee'] },
  ]
  for (const init of refused) {
    await expect(makeGuardianSet(components, { ...init, at: AT })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
    })
  }
})

test('Sixteen guardians with the longest names all get a fragment that reads and prints', async () => {
  const guardians = Array.from({ length: 16 }, (_, index) => `${'語'.repeat(62)}${index + 10}`)
  const { fragments, member } = await makeGuardianSet(components, { threshold: 16, guardians, at: AT })
  expect(await recovered(bring(fragments))).toEqual(member)
  for (const fragment of fragments.slice(0, 1)) {
    expect(readFragment(components, fragmentWords(fragment, 'fr').join(' '))).toEqual({ ok: true, fragment })
    expect(fragmentPageHtml(fragment, { language: 'fr' })).toContain('<svg')
  }
})

test('A guardian’s page says what it is, in both languages, and a hostile name on it stays a name', async () => {
  const { fragments } = await makeGuardianSet(components, {
    threshold: 2,
    guardians: ['<script>alert(1)</script>', 'Zoë'],
    at: AT,
  })
  const [first] = fragments
  if (!first) throw new Error('there are two')
  const html = fragmentPageHtml(first, { language: 'fr' })
  const text = fragmentPageText(first, { language: 'en' })
  expect(html).not.toContain('<script>')
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  for (const page of [html, text]) {
    for (const part of [first.keyId, '2026-11-24', 'Gardien', 'Guardian']) expect(page).toContain(part)
  }
  expect(text).toContain('1 of 2; 2 needed together')
  expect(text).toContain(fragmentLink(first))
})
