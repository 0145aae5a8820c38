import { createInterface, type Interface } from 'node:readline'
import { confirm, isCancel, password, text } from '@clack/prompts'
import { MunimentError } from '@muniment/interface'
import type { Question } from '../control/actions.ts'
import type { Language, Text } from './language.ts'

const WORDS_SAME: Text = {
  en: 'Does the other device show the same words?',
  fr: 'L’autre appareil montre-t-il les mêmes mots ?',
}
const PASSPHRASE: Text = { en: 'Passphrase', fr: 'Phrase de passe' }
const AGAIN: Text = { en: 'The same passphrase again', fr: 'La même phrase de passe encore une fois' }

let input: Interface | undefined
let waiting: ((line: string) => void)[] = []
let lines: string[] = []
let hasEnded = false

/** The next line of standard input; an empty one once it has ended. */
export function nextLine(): Promise<string> {
  if (!input) {
    input = createInterface({ input: process.stdin })
    input.on('line', (line) => {
      const take = waiting.shift()
      if (take) take(line)
      else lines.push(line)
    })
    input.on('close', () => {
      hasEnded = true
      for (const take of waiting) take('')
      waiting = []
    })
  }
  const line = lines.shift()
  if (line !== undefined || hasEnded) return Promise.resolve(line ?? '')
  return new Promise((resolve) => waiting.push(resolve))
}

/** Stops listening to standard input, so that the process can end. */
export function closeInput(): void {
  input?.close()
  input = undefined
  lines = []
  hasEnded = false
}

/**
 * Puts a question to the person: on a terminal with a prompt; with `--json` as a JSON line, answered by a line of
 * standard input. Without either the answer is `no`.
 */
export async function askPerson(
  question: Question,
  { json, language }: { json: boolean; language: Language },
): Promise<string> {
  if (json) {
    process.stdout.write(`${JSON.stringify(question)}\n`)
    return nextLine()
  }
  const words = Array.isArray(question['words']) ? question['words'].join('  ') : ''
  if (!process.stdin.isTTY) {
    process.stderr.write(`${WORDS_SAME[language]}  ${words}\n`)
    return nextLine()
  }
  const answer = await confirm({ message: `${words}\n${WORDS_SAME[language]}` })
  return answer === true ? 'yes' : 'no'
}

/** Asks for a line: with a prompt on a terminal, else the next line of standard input. Empty when given up. */
export async function askLine(message: string): Promise<string> {
  if (!process.stdin.isTTY) {
    process.stderr.write(`${message}\n`)
    return nextLine()
  }
  const answer = await text({ message })
  return isCancel(answer) ? '' : answer
}

/** Asks yes or no on a terminal; elsewhere the answer is yes. */
export async function askYes(message: string): Promise<boolean> {
  return !process.stdin.isTTY || (await confirm({ message })) === true
}

/** Asks for a secret on the terminal without showing it. Throws `ERR_USAGE` where there is no terminal. */
export async function askSecret(message: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new MunimentError('ERR_USAGE', `this is needed, from a file or the environment: ${message}`)
  }
  const answer = await password({ message })
  if (isCancel(answer)) throw new MunimentError('ERR_ABORTED', 'nothing was done')
  return answer
}

/** Asks for a passphrase on the terminal, twice for a new one. Throws `ERR_USAGE` where there is no terminal. */
export async function askPassphrase({
  isNew,
  language,
}: {
  isNew: boolean
  language: Language
}): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new MunimentError(
      'ERR_USAGE',
      'a passphrase is needed: use --passphrase-file FILE where there is no terminal',
    )
  }
  const first = await password({ message: PASSPHRASE[language] })
  const second = isNew ? await password({ message: AGAIN[language] }) : first
  if (isCancel(first) || isCancel(second)) throw new MunimentError('ERR_ABORTED', 'nothing was done')
  if (first !== second) throw new MunimentError('ERR_USAGE', 'the two passphrases differ')
  return first
}
