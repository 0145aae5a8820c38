import type { Problem } from '@muniment/interface'
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import {
  bip39List,
  findWord,
  likelyWords,
  shownSuggestions,
  WORD_LANGUAGES,
  type WordLanguage,
} from './word-list.ts'

/** What is wrong with words that somebody typed. */
export interface WordProblem extends Problem {
  /** Which word, from 1. */
  readonly position?: number
  /** Words that may be meant, the likeliest first. */
  readonly suggestions?: readonly string[]
}

/** Typed words with their numbers in one language's list; `undefined` for a word that is not in it. */
export interface MatchedWords {
  readonly language: WordLanguage
  readonly typed: readonly string[]
  readonly indices: readonly (number | undefined)[]
}

/** The 24 words of 32 bytes (BIP-39), in the form that is shown to a person. */
export function wordsOf(bytes: Uint8Array, language: WordLanguage): readonly string[] {
  const list = bip39List(language)
  return entropyToMnemonic(bytes, list)
    .split(/[\s\u3000]+/u)
    .map((word) => word.normalize('NFC'))
}

/** The words in the languages that know them best: those with every word, else the one with the most. */
export function matchWords(typed: readonly string[]): readonly MatchedWords[] {
  const matches = WORD_LANGUAGES.map((language) => ({
    language,
    typed,
    indices: typed.map((word) => findWord(language, word)),
  }))
  const fewest = Math.min(...matches.map(countUnknown))
  const best = matches.filter((match) => countUnknown(match) === fewest)
  return fewest === 0 ? best : best.slice(0, 1)
}

function countUnknown({ indices }: MatchedWords): number {
  return indices.filter((index) => index === undefined).length
}

/** The bytes of 24 words in order, or `undefined` when BIP-39's check does not hold. */
export function bytesOfWords(language: WordLanguage, indices: readonly number[]): Uint8Array | undefined {
  const list = bip39List(language)
  try {
    return new Uint8Array(mnemonicToEntropy(indices.map((index) => list[index] ?? '').join(' '), list))
  } catch {
    return undefined
  }
}

/** Names each word that is in no list, with what may be meant. */
export function unknownWords({ language, typed, indices }: MatchedWords): readonly WordProblem[] {
  return indices.flatMap((index, at) =>
    index === undefined
      ? [unknownWord(at + 1, shownSuggestions(language, likelyWords(language, typed[at] ?? '')))]
      : [],
  )
}

/** Says that a word is not in the list. It does not repeat what was typed: it may be a secret of another place. */
export function unknownWord(position: number, suggestions: readonly string[]): WordProblem {
  const meant = suggestions.length > 0 ? `: is it ${suggestions.join(', ')}?` : ''
  return {
    code: 'unknown_word',
    message: `Word ${position} is not in the list${meant}`,
    position,
    suggestions,
  }
}

/** Says that there are too few or too many words. */
export function wrongCount(count: number, expected: number): WordProblem {
  return { code: 'word_count', message: `There are ${count} words, and there must be ${expected}.` }
}
