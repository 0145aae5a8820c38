import { MunimentError } from '@muniment/interface'
import { isJsonArray, type JsonValue } from './json.ts'

/** Nesting that is read at the most. Real credentials need about 8; the checks recurse, and a stack is finite. */
export const MAX_JSON_DEPTH = 48

const QUOTE = 0x22
const COLON = 0x3a
const UNICODE_ESCAPE = '\\u'
/** A backslash and what it escapes, or the beginning of it. */
const ESCAPE = /\\[^]/g
const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * Parses JSON text and refuses, with `ERR_MALFORMED`, what two readers could understand differently (RFC 7493): a name
 * that stands twice in one object, numbers outside the range of a double, lone surrogates; also the name `__proto__`,
 * and nesting over {@link MAX_JSON_DEPTH}. Other inherited names, such as `constructor`, are ordinary own properties.
 */
export function parseStrictJson(text: string): JsonValue {
  const members = countMembersInText(text.includes('\\') ? text.replace(ESCAPE, '') : text)
  const value = parse(text)
  const checkStrings = text.includes(UNICODE_ESCAPE)
  if (countMembers(value, checkStrings) !== members) {
    throw malformed('a name stands twice in one JSON object')
  }
  return value
}

function parse(text: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(text)
    return value
  } catch {
    throw malformed('a part of the token is not JSON')
  }
}

/**
 * Every member of every object has one colon outside strings, so their number says how many the text has; the parsed
 * value has fewer when a name was repeated. Text that is not JSON may give any number: it is refused afterwards. The
 * text has no escapes: a branch for them in this loop would make it several times slower for all.
 */
function countMembersInText(text: string): number {
  let members = 0
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = text.indexOf('"', at + 1)
      if (at === -1) throw malformed('a part of the token is not JSON')
    } else if (code === COLON) {
      members++
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > MAX_JSON_DEPTH) throw malformed('a part of the token nests too deep')
    } else if (code === 0x7d || code === 0x5d) {
      depth--
    }
  }
  return members
}

function countMembers(value: JsonValue, checkStrings: boolean): number {
  if (typeof value !== 'object' || value === null) {
    refuseOddScalar(value, checkStrings)
    return 0
  }
  let members = 0
  if (isJsonArray(value)) {
    for (let at = 0; at < value.length; at++) members += countMembers(value[at] ?? null, checkStrings)
    return members
  }
  for (const name of Object.keys(value)) {
    if (name === '__proto__') throw malformed('the name __proto__ is not accepted')
    if (checkStrings) refuseOddScalar(name, checkStrings)
    members += 1 + countMembers(value[name] ?? null, checkStrings)
  }
  return members
}

function refuseOddScalar(value: JsonValue, checkStrings: boolean): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw malformed('a number is out of range')
  if (checkStrings && typeof value === 'string' && LONE_SURROGATE.test(value)) {
    throw malformed('a text holds half a character')
  }
}

function malformed(message: string): MunimentError {
  return new MunimentError('ERR_MALFORMED', message)
}
