import type { FieldValue } from '@muniment/interface'
import { MAX_TEXT_LENGTH } from './constants.ts'
import type { ImportSink } from './importer.ts'
import { cleanText, cutText } from './text/clean-text.ts'

/** Fields of a record under construction: texts are cleaned and cut, absent ones are left out. */
export interface DraftFields {
  /** Sets a text as a person reads it; a cut is reported. */
  text(name: string, value: string | undefined): void
  /** Sets a value as it is. */
  value(name: string, value: FieldValue | undefined): void
  /** The text set under that name. */
  get(name: string): string | undefined
  all(): { readonly [name: string]: FieldValue }
}

/** No fields yet; `where` is the place that a cut is reported for. */
export function draftFields(sink: ImportSink, where: string): DraftFields {
  const fields: Record<string, FieldValue> = {}
  return {
    text(name, value) {
      const clean = cleanText(value)
      if (clean === undefined) return
      fields[name] = cutText(clean, MAX_TEXT_LENGTH)
      if (clean.length > MAX_TEXT_LENGTH) {
        sink.skip(
          where,
          `the text of ${name} is longer than ${MAX_TEXT_LENGTH} characters; the rest was left out`,
        )
      }
    },
    value(name, value) {
      if (value !== undefined) fields[name] = value
    },
    get(name) {
      const value = fields[name]
      return typeof value === 'string' ? value : undefined
    },
    all: () => fields,
  }
}
