import type { Cryptography, Outcome, Random } from '@muniment/interface'
import { KIT_WORDS, REHEARSED_WORDS } from './constants.ts'
import { unknownWord, type WordProblem, wrongCount } from './read-words.ts'
import type { RecoveryCard } from './recovery-member.ts'
import { readRecoveryKit, type RecoveryKit } from './recovery-kit.ts'
import { findWord, likelyWords, shownSuggestions, typedWords } from './word-list.ts'

/** Asks for three words of a kit that was just shown, to see that they were written down. */
export interface Rehearsal {
  /** Which words are asked for, from 1 to 24, ascending. */
  readonly positions: readonly number[]
  /**
   * Compares the words with the kit's; they are read as tolerantly as in a restore. Problems: `word_count`,
   * `unknown_word`, `wrong_word`, the last two with the position.
   */
  answer(words: readonly string[]): Outcome
}

/** Draws three words to ask for. The kit must still be in memory: devices keep nothing that words compare with. */
export function startRehearsal(
  { random }: { readonly random: Random },
  { words, language }: Pick<RecoveryKit, 'words' | 'language'>,
): Rehearsal {
  const positions = drawPositions(random)
  return {
    positions,
    answer(answers) {
      if (answers.length !== positions.length) return refusal([wrongCount(answers.length, positions.length)])
      const problems = positions.flatMap((position, at): readonly WordProblem[] => {
        const [typed = '', ...more] = typedWords(answers[at] ?? '')
        const index = more.length === 0 ? findWord(language, typed) : undefined
        if (index === undefined)
          return [unknownWord(position, shownSuggestions(language, likelyWords(language, typed)))]
        const isRight = index === findWord(language, typedWords(words[position - 1] ?? '')[0] ?? '')
        return isRight ? [] : [wrongWord(position)]
      })
      return problems.length === 0 ? { ok: true } : refusal(problems)
    },
  }
}

/**
 * Rehearses later, when no device knows the words any more: all 24 are typed, and must give the kit of the card.
 * Problems: as of `readRecoveryKit`.
 */
export async function rehearseWords(
  components: { readonly cryptography: Cryptography },
  text: string,
  { keyId }: Pick<RecoveryCard, 'keyId'>,
): Promise<Outcome> {
  const read = await readRecoveryKit(components, text, { keyId })
  return read.ok ? { ok: true } : read
}

function drawPositions(random: Random): readonly number[] {
  const drawn = new Set<number>()
  // Bytes from 240 on would favour the first words.
  const limit = 256 - (256 % KIT_WORDS)
  while (drawn.size < REHEARSED_WORDS) {
    const [byte = limit] = random(1)
    if (byte < limit) drawn.add((byte % KIT_WORDS) + 1)
  }
  return [...drawn].sort((a, b) => a - b)
}

function wrongWord(position: number): WordProblem {
  return { code: 'wrong_word', message: `Word ${position} of the kit is another word.`, position }
}

function refusal(problems: readonly WordProblem[]): Outcome<never> {
  return { ok: false, problems }
}
