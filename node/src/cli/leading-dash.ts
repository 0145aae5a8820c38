import type { JsonObject } from '../control/actions.ts'

/** What no shell can pass, so that it stands before nothing that a person typed. */
const MARK = '\0'
/** An id or a hash: 16 or 32 bytes as base64url, perhaps with the number of an entry. One in 64 begins with a dash. */
const ID = /^-(?:[\w-]{21}|[\w-]{42})(?:\.\d+)?$/u
/** An option of the command: words of small letters. */
const OPTION = /^--[a-z]+(?:-[a-z]+)*$/u

/** The words of a command line, with a mark before each id that the parser would take for an option. */
export function markIds(words: readonly string[]): string[] {
  return words.map((word) => (ID.test(word) && !OPTION.test(word) ? MARK + word : word))
}

/** A word as it was typed. */
export function unmarked(word: string): string {
  return word.startsWith(MARK) ? word.slice(MARK.length) : word
}

/** Flags as they were typed. */
export function unmarkedFlags<T extends JsonObject>(flags: T): T {
  return Object.assign(
    flags,
    Object.fromEntries(
      Object.entries(flags).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, unmarked(value)]] : [],
      ),
    ),
  )
}
