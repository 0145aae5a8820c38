import { isMunimentError, MunimentError } from '@muniment/interface'
import { open, readFile } from 'node:fs/promises'
import type { JsonObject, JsonValue } from '../control/actions.ts'
import { askLine, nextLine } from './console-ask.ts'
import type { Language, Text } from './language.ts'
import { plain } from './output.ts'

/** What is wrong with words or fragments, with `#` for the position and `…` for the suggestions. */
const PROBLEMS: Readonly<Record<string, Text>> = {
  word_count: { en: '', fr: 'Il n’y a pas le bon nombre de mots.' },
  unknown_word: { en: '', fr: 'Le mot # n’est pas dans la liste…' },
  wrong_word: { en: '', fr: 'Le mot # du kit est un autre mot.' },
  words_do_not_fit: {
    en: '',
    fr: 'Chaque mot est dans la liste, mais ensemble ils ne font pas un kit : l’un d’eux est un autre mot, ou deux ont changé de place.',
  },
  other_kit: { en: '', fr: 'Ce sont les mots d’un autre kit.' },
  link_damaged: { en: '', fr: 'Ce code n’est pas entier : scannez-le de nouveau.' },
  newer_version: { en: '', fr: 'Cela a été fait par une version plus récente de Muniment.' },
  line_does_not_fit: { en: '', fr: 'Les mots de la ligne # ne vont pas ensemble.' },
  fragment_damaged: { en: '', fr: 'Ce fragment n’est pas entier, ou a été altéré.' },
  fragments_of_other_sets: { en: '', fr: 'Ce fragment est d’un autre ensemble.' },
  fragments_do_not_fit: { en: '', fr: 'Ces fragments ne donnent pas le secret qu’ils nomment.' },
}
const MEANT: Text = { en: ': is it', fr: ' : est-ce' }

/** One thing that is wrong, as a sentence in the person's language. */
export function problemLine(problem: JsonObject, language: Language): string {
  const message = plain(problem['message'])
  const known = PROBLEMS[plain(problem['code'])]?.[language] ?? ''
  if (known === '') return message
  const { suggestions, position, guardian } = problem
  const meant = Array.isArray(suggestions) && suggestions.length > 0 ? suggestions.join(', ') : ''
  const words = known
    .replace('#', plain(position))
    .replace('…', meant === '' ? '.' : `${MEANT[language]} ${plain(meant)} ?`)
  return typeof guardian === 'string' ? `${plain(guardian)} : ${words}` : words
}

/**
 * What the person typed or keeps in a file: a kit's words, or a fragment. Without a file it is asked for; `-` is standard
 * input. Throws `ERR_USAGE` for a file that cannot be read.
 */
export async function secretText(file: JsonValue | undefined, question: string): Promise<string> {
  if (typeof file !== 'string') return askLine(question)
  if (file === '-') return nextLine()
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new MunimentError('ERR_USAGE', `${file} cannot be read`, { cause })
  }
}

/** Writes a page that holds a secret into a new file that only its owner reads. Throws `ERR_ALREADY_EXISTS`. */
export async function writePage(path: string, page: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(page)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (isMunimentError(cause)) throw cause
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    throw new MunimentError(
      exists ? 'ERR_ALREADY_EXISTS' : 'ERR_STORE_NOT_WRITABLE',
      exists ? `${path} is there already, and was not changed` : `${path} cannot be written`,
      { cause },
    )
  }
}

/** The page in the form that the file's name asks for. */
export function pageFor(
  path: string,
  { html, text }: { readonly html: string; readonly text: string },
): string {
  return /\.html?$/iu.test(path) ? html : text
}
