import { base64url, concat, fromBase64url } from '@muniment/crypto'
import { type Cryptography, isMunimentError } from '@muniment/interface'
import { KIT_WORDS, MAX_TYPED_LENGTH, RECOVERY_SECRET_LENGTH } from './constants.ts'
import { type Fragment, isFragmentGenuine, parseFragment } from './fragment.ts'
import { bytesOfWords, matchWords, unknownWords, type WordProblem, wordsOf } from './read-words.ts'
import { typedWords, type WordLanguage } from './word-list.ts'

const LINK = 'muniment:fragment?'
/** The link anywhere in a text: on the page as plain text it stands after the words. */
const LINK_IN_TEXT = /muniment:fragment\?\S*/iu
const VERSION = '1'

/** What a guardian's QR code and file hold: `muniment:fragment?v=1&f=…`. */
export function fragmentLink({ bytes }: Pick<Fragment, 'bytes'>): string {
  return `${LINK}v=${VERSION}&f=${base64url(bytes)}`
}

/**
 * A fragment as words, for paper that no camera can read any more: lines of 24 words of 32 bytes each (BIP-39), each
 * line with a check of its own. A short name makes five lines.
 */
export function fragmentWords({ bytes }: Pick<Fragment, 'bytes'>, language: WordLanguage): readonly string[] {
  const length = Math.ceil((bytes.length + 1) / RECOVERY_SECRET_LENGTH) * RECOVERY_SECRET_LENGTH
  const padded = new Uint8Array(length)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const lines: string[] = []
  for (let at = 0; at < length; at += RECOVERY_SECRET_LENGTH) {
    lines.push(wordsOf(padded.subarray(at, at + RECOVERY_SECRET_LENGTH), language).join(' '))
  }
  return lines
}

/** A fragment, or everything that is wrong with what was given. */
export type ReadFragment =
  | { readonly ok: true; readonly fragment: Fragment }
  | { readonly ok: false; readonly problems: readonly WordProblem[] }

/**
 * Reads a fragment that a guardian brings: its bytes, the link of the QR code, or the words. Problems: `word_count`,
 * `unknown_word` (with the position, counted over all lines), `line_does_not_fit` (with the line), `newer_version`,
 * `fragment_damaged` (not whole, or altered).
 */
export function readFragment(
  { cryptography }: { readonly cryptography: Cryptography },
  given: Uint8Array | string,
): ReadFragment {
  const read = typeof given === 'string' ? bytesOfText(given) : { ok: true as const, bytes: given }
  if (!read.ok) return read
  const parsed = parseFragment(cryptography, read.bytes)
  if (!parsed || !isFragmentGenuine(cryptography, parsed)) return refused(DAMAGED)
  const { share: _share, ...fragment } = parsed
  return { ok: true, fragment }
}

type ReadBytes =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly problems: readonly WordProblem[] }

function bytesOfText(text: string): ReadBytes {
  const typed = text.slice(0, MAX_TYPED_LENGTH)
  const link = LINK_IN_TEXT.exec(typed)?.[0]
  return link === undefined ? bytesOfLines(typed) : bytesOfLink(link)
}

function bytesOfLink(link: string): ReadBytes {
  const query = new URLSearchParams(link.slice(LINK.length))
  if (query.get('v') !== VERSION) {
    return refused({
      code: 'newer_version',
      message: 'This fragment was made by a newer version of Muniment.',
    })
  }
  try {
    return { ok: true, bytes: fromBase64url(query.get('f') ?? '') }
  } catch (error) {
    if (!isMunimentError(error, 'ERR_MALFORMED')) throw error
    return refused(DAMAGED)
  }
}

function bytesOfLines(text: string): ReadBytes {
  const typed = typedWords(text)
  const problems: WordProblem[] = []
  if (typed.length === 0 || typed.length % KIT_WORDS !== 0) {
    const message = `There are ${typed.length} words, and there must be ${KIT_WORDS} in each line.`
    problems.push({ code: 'word_count', message })
  }
  const [match] = matchWords(typed)
  const known = match?.indices.filter((index) => index !== undefined) ?? []
  if (match && known.length < typed.length) problems.push(...unknownWords(match))
  if (!match || problems.length > 0) return refused(...problems)
  const parts: Uint8Array[] = []
  for (let at = 0; at < known.length; at += KIT_WORDS) {
    const part = bytesOfWords(match.language, known.slice(at, at + KIT_WORDS))
    if (part) parts.push(part)
    else problems.push(doesNotFit(at / KIT_WORDS + 1))
  }
  if (problems.length > 0) return refused(...problems)
  return { ok: true, bytes: withoutPadding(concat(...parts)) }
}

/** What does not end in the mark is left as it is: it will not read as a fragment. */
function withoutPadding(padded: Uint8Array): Uint8Array {
  const end = padded.findLastIndex((byte) => byte !== 0)
  return padded[end] === 0x80 ? padded.subarray(0, end) : padded
}

function doesNotFit(line: number): WordProblem {
  const message = `The words of line ${line} do not fit together: one is another word, or two changed places.`
  return { code: 'line_does_not_fit', message, position: line }
}

const DAMAGED: WordProblem = {
  code: 'fragment_damaged',
  message: 'This fragment is not whole, or was altered.',
}

function refused(...problems: readonly WordProblem[]): {
  readonly ok: false
  readonly problems: readonly WordProblem[]
} {
  return { ok: false, problems }
}
