import { wordlist as english } from '@scure/bip39/wordlists/english.js'
import { wordlist as french } from '@scure/bip39/wordlists/french.js'
import { MAX_SLIPS, MAX_SUGGESTIONS, TELLING_LETTERS } from './constants.ts'

/** The languages that words are written in. */
export type WordLanguage = 'en' | 'fr'

/** The languages in the order in which typed words are tried. */
export const WORD_LANGUAGES: readonly WordLanguage[] = ['en', 'fr']

interface WordList {
  /** As BIP-39 has them. */
  readonly words: readonly string[]
  /** Without accents, as they are compared. */
  readonly plain: readonly string[]
  readonly indices: ReadonlyMap<string, number>
}

const LISTS: Readonly<Record<WordLanguage, WordList>> = { en: wordList(english), fr: wordList(french) }

function wordList(words: readonly string[]): WordList {
  const plain = words.map(plainLetters)
  return { words, plain, indices: new Map(plain.map((word, index) => [word, index])) }
}

/** A list as the BIP-39 library takes it. */
export function bip39List(language: WordLanguage): string[] {
  return [...LISTS[language].words]
}

/** The words that somebody typed: any case, accents, spaces, line breaks, numbers and punctuation between them. */
export function typedWords(text: string): readonly string[] {
  return plainLetters(text)
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '')
}

/** Letters as they are compared: lower case, compatibility forms resolved, without accents. */
function plainLetters(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

/**
 * The number in the list of a word that somebody typed: the word, or a beginning of it of four letters or more, which
 * is of one word only.
 */
export function findWord(language: WordLanguage, typed: string): number | undefined {
  const { plain, indices } = LISTS[language]
  const exact = indices.get(typed)
  if (exact !== undefined || typed.length < TELLING_LETTERS) return exact
  const index = plain.findIndex((word) => word.startsWith(typed))
  return index === -1 ? undefined : index
}

/** The word of a number, in the form that is shown to a person. */
export function wordAt(language: WordLanguage, index: number): string {
  return (LISTS[language].words[index] ?? '').normalize('NFC')
}

/** Numbers of the words that somebody may have meant, the likeliest first. */
export function likelyWords(language: WordLanguage, typed: string): readonly number[] {
  return LISTS[language].plain
    .map((word, index) => ({ index, slips: likeness(typed, word) }))
    .filter(({ slips }) => slips <= MAX_SLIPS)
    .sort((a, b) => a.slips - b.slips)
    .map(({ index }) => index)
}

/** The first suggestions, as a person reads them. */
export function shownSuggestions(language: WordLanguage, indices: readonly number[]): readonly string[] {
  return indices.slice(0, MAX_SUGGESTIONS).map((index) => wordAt(language, index))
}

/** Slips between the two; a common beginning, which tells the word, counts as between one and two. */
function likeness(typed: string, word: string): number {
  const begins = word.startsWith(typed) || word.slice(0, TELLING_LETTERS) === typed.slice(0, TELLING_LETTERS)
  return Math.min(begins ? 1.5 : Infinity, slipsBetween(typed, word))
}

/** Letters wrong, missing or too many, and neighbours that changed places; `Infinity` past the allowed number. */
function slipsBetween(left: string, right: string, allowed: number = MAX_SLIPS): number {
  let at = 0
  while (at < left.length && left[at] === right[at]) at++
  const [l, r] = [left.slice(at), right.slice(at)]
  if (l === r) return 0
  if (allowed === 0) return Infinity
  const isSwapped = l[0] === r[1] && l[1] === r[0]
  const slips = [
    slipsBetween(l.slice(1), r.slice(1), allowed - 1),
    slipsBetween(l.slice(1), r, allowed - 1),
    slipsBetween(l, r.slice(1), allowed - 1),
    isSwapped ? slipsBetween(l.slice(2), r.slice(2), allowed - 1) : Infinity,
  ]
  return 1 + Math.min(...slips)
}
