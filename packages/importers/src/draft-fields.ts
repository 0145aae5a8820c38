import type { FieldValue } from '@muniment/interface'
import { MAX_FIELDS_BYTES, MAX_TEXT_LENGTH } from './constants.ts'
import type { ImportSink } from './importer.ts'
import { cleanText, cutText, utf8Length } from './text/clean-text.ts'

/** Fields of a record under construction: texts are cleaned and cut, absent ones are left out. */
export interface DraftFields {
  /** Sets a text as a person reads it; a cut is reported. */
  text(name: string, value: string | undefined): void
  /** Sets a value as it is. */
  value(name: string, value: FieldValue | undefined): void
  /** The text set under that name. */
  get(name: string): string | undefined
  /** Bytes of all texts set so far. */
  bytes(): number
  all(): { readonly [name: string]: FieldValue }
}

/** No fields yet; `where` is the place that a cut is reported for. */
export function draftFields(sink: ImportSink, where: string): DraftFields {
  const fields: Record<string, FieldValue> = {}
  let bytes = 0
  return {
    text(name, value) {
      const clean = cleanText(value)
      if (clean === undefined) return
      const cut = cutText(clean, MAX_TEXT_LENGTH)
      const room = MAX_FIELDS_BYTES - bytes
      const kept = utf8Length(cut) <= room ? cut : ''
      bytes += utf8Length(kept)
      if (kept !== '') fields[name] = kept
      if (kept !== clean) sink.skip(where, `the text of ${name} is too long; it was cut`)
    },
    value(name, value) {
      if (value !== undefined) fields[name] = value
    },
    get(name) {
      const value = fields[name]
      return typeof value === 'string' ? value : undefined
    },
    bytes: () => bytes,
    all: () => fields,
  }
}
