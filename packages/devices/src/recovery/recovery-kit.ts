import { base64url, fromBase64url } from '@muniment/crypto'
import { type Cryptography, isMunimentError, type Random } from '@muniment/interface'
import { KIT_WORDS, MAX_TYPED_LENGTH, RECOVERY_SECRET_LENGTH } from './constants.ts'
import {
  bytesOfWords,
  type MatchedWords,
  matchWords,
  unknownWord,
  unknownWords,
  type WordProblem,
  wordsOf,
  wrongCount,
} from './read-words.ts'
import { keyIdOfSecret, readKeyId, type RecoveryMember, recoveryMember } from './recovery-member.ts'
import { likelyWords, shownSuggestions, typedWords, type WordLanguage } from './word-list.ts'

const LINK = 'muniment:kit?'
/** The link anywhere in a text: on the page as plain text it stands after the words. */
const LINK_IN_TEXT = /muniment:kit\?\S*/iu
const VERSION = '1'

/** A recovery kit while it is shown or used: words, keys and QR link. None of it is stored. */
export interface RecoveryKit {
  readonly member: RecoveryMember
  /** 24 words, in the order in which they are read. */
  readonly words: readonly string[]
  readonly language: WordLanguage
  /** What the QR code holds: `muniment:kit?v=1&s=…&k=…`. */
  readonly link: string
}

/** A kit, or everything that is wrong with what was typed. */
export type ReadKit =
  | { readonly ok: true; readonly kit: RecoveryKit }
  | { readonly ok: false; readonly problems: readonly WordProblem[] }

/** Makes a kit with fresh words. */
export async function makeRecoveryKit(
  { cryptography, random }: { readonly cryptography: Cryptography; readonly random: Random },
  { language }: { readonly language: WordLanguage },
): Promise<RecoveryKit> {
  return kitOf(cryptography, random(RECOVERY_SECRET_LENGTH), language)
}

/**
 * Reads a kit from what a person typed or scanned: 24 words in English or French with any case, accents, numbering and
 * spaces, each cut after four letters or later if they like; or a text with the link of the QR code, as the page is.
 *
 * Problems: `word_count`, `unknown_word` (with position and suggestions), `words_do_not_fit` (each is in the list, but
 * together they are no kit), `other_kit` (not the one of `keyId`), `link_damaged`, `newer_version`.
 *
 * @param options - `keyId`: the key id on the page, with which every slip is found; without it one slip in 256 gives
 * the words of a kit that nobody has, which opens nothing
 */
export async function readRecoveryKit(
  { cryptography }: { readonly cryptography: Cryptography },
  text: string,
  options: { readonly keyId?: string | undefined } = {},
): Promise<ReadKit> {
  const keyId = options.keyId === undefined ? undefined : readKeyId(options.keyId)
  const link = LINK_IN_TEXT.exec(text.slice(0, MAX_TYPED_LENGTH))?.[0]
  const read = link === undefined ? readKitWords(cryptography, text, keyId) : readLink(cryptography, link)
  if (!read.ok) return read
  const kit = await kitOf(cryptography, read.secret, read.language)
  if (keyId === undefined || kit.member.keyId === keyId) return { ok: true, kit }
  const message = `These are the words of another kit: their key id is ${kit.member.keyId}.`
  return { ok: false, problems: [{ code: 'other_kit', message }] }
}

type ReadSecret =
  | { readonly ok: true; readonly secret: Uint8Array; readonly language: WordLanguage }
  | { readonly ok: false; readonly problems: readonly WordProblem[] }

async function kitOf(
  cryptography: Cryptography,
  secret: Uint8Array,
  language: WordLanguage,
): Promise<RecoveryKit> {
  const member = await recoveryMember({ cryptography }, { kind: 'kit', secret })
  const link = `${LINK}v=${VERSION}&s=${base64url(secret)}&k=${member.keyId}&l=${language}`
  return { member, words: wordsOf(secret, language), language, link }
}

function readLink(cryptography: Cryptography, link: string): ReadSecret {
  const query = new URLSearchParams(link.slice(LINK.length, MAX_TYPED_LENGTH))
  if (query.get('v') !== VERSION) {
    return refused({ code: 'newer_version', message: 'This kit was made by a newer version of Muniment.' })
  }
  const secret = linkSecret(query.get('s') ?? '')
  if (!secret || keyIdOfSecret(cryptography, 'kit', secret) !== query.get('k')) {
    return refused({ code: 'link_damaged', message: 'This code is not whole: scan it again.' })
  }
  return { ok: true, secret, language: query.get('l') === 'fr' ? 'fr' : 'en' }
}

function linkSecret(text: string): Uint8Array | undefined {
  try {
    const secret = fromBase64url(text)
    return secret.length === RECOVERY_SECRET_LENGTH ? secret : undefined
  } catch (error) {
    if (!isMunimentError(error, 'ERR_MALFORMED')) throw error
    return undefined
  }
}

function readKitWords(cryptography: Cryptography, text: string, keyId: string | undefined): ReadSecret {
  const typed = typedWords(text.slice(0, MAX_TYPED_LENGTH))
  // Far too many are no kit with slips in it, but another text.
  if (typed.length === 0 || typed.length > 2 * KIT_WORDS) return refused(wrongCount(typed.length, KIT_WORDS))
  const problems: WordProblem[] = typed.length === KIT_WORDS ? [] : [wrongCount(typed.length, KIT_WORDS)]
  for (const match of matchWords(typed)) {
    const known = match.indices.filter((index) => index !== undefined)
    if (known.length < typed.length) {
      const isOnlyOne = problems.length === 0 && known.length === KIT_WORDS - 1
      problems.push(...(isOnlyOne ? [oneWrong(cryptography, match, keyId)] : unknownWords(match)))
      continue
    }
    const secret = problems.length === 0 ? bytesOfWords(match.language, known) : undefined
    if (secret) return { ok: true, secret, language: match.language }
  }
  return refused(...(problems.length > 0 ? problems : [DO_NOT_FIT]))
}

/** With one word wrong the check tells which suggestions can be right, and the key id which one is. */
function oneWrong(cryptography: Cryptography, match: MatchedWords, keyId: string | undefined): WordProblem {
  const at = match.indices.indexOf(undefined)
  const likely = likelyWords(match.language, match.typed[at] ?? '')
  const fits = (index: number): 0 | 1 | 2 => {
    const whole = match.indices.map((known) => known ?? index)
    const secret = bytesOfWords(match.language, whole)
    if (!secret) return 0
    return keyId !== undefined && keyIdOfSecret(cryptography, 'kit', secret) === keyId ? 2 : 1
  }
  const ranked = likely.map((index, order) => ({ index, order, fits: fits(index) }))
  ranked.sort((a, b) => b.fits - a.fits || a.order - b.order)
  const first = ranked[0]?.fits === 2 ? ranked.slice(0, 1) : ranked
  return unknownWord(
    at + 1,
    shownSuggestions(
      match.language,
      first.map(({ index }) => index),
    ),
  )
}

const DO_NOT_FIT: WordProblem = {
  code: 'words_do_not_fit',
  message:
    'Each word is in the list, but together they are no kit: one of them is another word, or two changed places.',
}

function refused(...problems: readonly WordProblem[]): ReadSecret {
  return { ok: false, problems }
}
