import { join } from 'node:path'
import { eachSeed, patience } from '@muniment/compliance'
import { recoverReplicaSecret } from '@muniment/replicas'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createVault, openKit } from '../src/index.ts'
import { nodeCryptography as cryptography } from '../src/platform/index.ts'
import { openFolderReplica } from '../src/replica/index.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

/** Errors for each seed: 50 seeds, as in the deep lane, make 1,000. */
const ERRORS = 20

type Slip = (words: readonly string[]) => readonly string[]

const at = fc.nat(23)
const letter = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz')

/** What a hand does: another letter, one missing, one too many, a word twice, left out, exchanged, or from elsewhere. */
const slip: fc.Arbitrary<Slip> = fc.oneof(
  fc.tuple(at, fc.nat(8), letter).map(
    ([word, place, other]): Slip =>
      (words) =>
        changed(
          words,
          word,
          (text) => text.slice(0, place % text.length) + other + text.slice((place % text.length) + 1),
        ),
  ),
  fc.tuple(at, fc.nat(8)).map(
    ([word, place]): Slip =>
      (words) =>
        changed(
          words,
          word,
          (text) => text.slice(0, place % text.length) + text.slice((place % text.length) + 1),
        ),
  ),
  fc.tuple(at, fc.nat(8), letter).map(
    ([word, place, more]): Slip =>
      (words) =>
        changed(
          words,
          word,
          (text) => text.slice(0, place % text.length) + more + text.slice(place % text.length),
        ),
  ),
  at.map(
    (word): Slip =>
      (words) =>
        words.toSpliced(word, 0, words[word] ?? ''),
  ),
  at.map(
    (word): Slip =>
      (words) =>
        words.toSpliced(word, 1),
  ),
  fc.tuple(at, at).map(
    ([one, two]): Slip =>
      (words) =>
        words.with(one, words[two] ?? '').with(two, words[one] ?? ''),
  ),
  fc.tuple(at, at).map(
    ([one, two]): Slip =>
      (words) =>
        words.with(one, words[two] ?? ''),
  ),
)

function changed(
  words: readonly string[],
  word: number,
  change: (text: string) => string,
): readonly string[] {
  return words.with(word, change(words[word] ?? ''))
}

test(
  'no typing error opens a replica that the words themselves do not open',
  { timeout: patience(60_000) },
  async () => {
    const root = await temporaryFolder()
    const folder = join(root, 'drive')
    const vault = await createVault({ folder: join(root, 'ana'), name: 'Laptop' })
    await vault.addReplica({ kind: 'folder', folder })
    const kit = await vault.makeKit()
    const { words, positions, keyId } = kit
    expect(await kit.answer(positions.map((position) => words[position - 1] ?? ''))).toEqual({ ok: true })
    await vault.pushReplica('drive')
    await vault.close()
    const storage = await openFolderReplica({ folder })
    const opens = async (replicaKey: Uint8Array): Promise<boolean> =>
      (await recoverReplicaSecret({ cryptography, storage }, replicaKey)) !== undefined
    await eachSeed((seed) =>
      fc.assert(
        fc.asyncProperty(slip, async (made) => {
          const typed = made(words).join(' ')
          const opened = await openKit(typed)
          if (!opened.ok) {
            for (const { message } of opened.problems) expect(message).not.toBe('')
            return
          }
          // Either the slip was tolerated, and these are her words, or they are of a kit that nobody has.
          const isHers = opened.member.keyId === keyId
          expect(await opens(opened.member.replicaKey)).toBe(isHers)
          expect((await openKit(typed, { keyId })).ok).toBe(isHers)
        }),
        { seed, numRuns: ERRORS },
      ),
    )
  },
)
