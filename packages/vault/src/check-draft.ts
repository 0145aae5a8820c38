import { type FieldValue, MunimentError, type RecordDraft } from '@muniment/interface'
import { MAX_FIELD_DEPTH, MAX_NAME_LENGTH, MAX_TITLE_LENGTH } from './constants.ts'

/**
 * Throws unless the draft can be stored: `ERR_INVALID_ARGUMENT` for a value that is none of a field's, `ERR_TOO_LARGE`
 * for names, titles or nesting over the limits.
 */
export function checkDraft(draft: RecordDraft): void {
  checkName(draft.collection)
  if (typeof draft.title !== 'string') throw invalid('a record has a title')
  if (draft.title.length > MAX_TITLE_LENGTH) {
    throw new MunimentError('ERR_TOO_LARGE', `a title has ${MAX_TITLE_LENGTH} characters at the most`)
  }
  for (const text of [draft.time, draft.place]) {
    if (text === undefined) continue
    if (typeof text !== 'string') throw invalid('times and places are texts')
    if (text.length > MAX_NAME_LENGTH) throw tooLong()
  }
  for (const [name, value] of Object.entries(draft.fields)) {
    checkName(name)
    checkFieldValue(value)
  }
}

/** Throws `ERR_INVALID_ARGUMENT` for an empty name, `ERR_TOO_LARGE` for one over the limit. */
export function checkName(name: string): void {
  if (typeof name !== 'string' || name.length === 0) throw invalid('a name is a text that is not empty')
  if (name.length > MAX_NAME_LENGTH) throw tooLong()
}

/** Throws unless this is a field's value, nested no deeper than the limit. Members that are `undefined` are left out. */
export function checkFieldValue(value: unknown, depth = 0): asserts value is FieldValue {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') {
    if (value === undefined && depth === 0) throw invalid('a field holds a value')
    return
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw invalid('a number is finite')
    return
  }
  checkNested(value, depth)
}

function checkNested(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) {
    throw invalid('a field holds plain values')
  }
  if (depth >= MAX_FIELD_DEPTH) {
    throw new MunimentError('ERR_TOO_LARGE', `a value nests ${MAX_FIELD_DEPTH} levels at the most`)
  }
  if (Array.isArray(value) && value.includes(undefined)) throw invalid('a list has no gaps')
  for (const inner of Object.values(value)) checkFieldValue(inner, depth + 1)
}

/** True when this is a field's value. For what came from a member: it is refused, not thrown. */
export function isFieldValue(value: unknown): value is FieldValue {
  try {
    checkFieldValue(value)
    return true
  } catch {
    return false
  }
}

function invalid(message: string): MunimentError {
  return new MunimentError('ERR_INVALID_ARGUMENT', message)
}

function tooLong(): MunimentError {
  return new MunimentError('ERR_TOO_LARGE', `a name has ${MAX_NAME_LENGTH} characters at the most`)
}
