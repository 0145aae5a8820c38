import { MunimentError } from '@muniment/interface'
import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2'
import { MAX_TOKEN_LENGTH } from '../constants.ts'
import { decodeReferences } from './references.ts'

/** What the reader tells, in the order of the file. */
export interface MarkupListener {
  /** A tag begins; `line` counts from 1. */
  open(name: string, line: number): void
  attribute(name: string, value: string): void
  text(text: string): void
  /** An end tag, or the end of a tag like `<a/>`. */
  close(name: string, line: number): void
}

/** Reads markup part by part. */
export interface MarkupReader {
  write(text: string): void
  end(): void
  /** The line that was reached, from 1. */
  line(): number
}

/**
 * Splits markup into tags and text, with the tokenizer of htmlparser2. It keeps no more of the file than the tag it
 * is in. A document type is refused with `ERR_MALFORMED`: no bank writes one, and every entity attack needs one.
 * A tag over {@link MAX_TOKEN_LENGTH} is refused with `ERR_TOO_LARGE`.
 *
 * @param isXml - false for SGML, where names begin with a letter and `<` before anything else is text
 */
export function markupReader(listener: MarkupListener, isXml: boolean): MarkupReader {
  const window = slidingWindow()
  const tokenizer = new Tokenizer(
    { xmlMode: isXml, decodeEntities: false, recognizeSelfClosing: true },
    tokenCallbacks(listener, window),
  )
  return {
    write(text) {
      window.append(text)
      tokenizer.write(text)
      window.trim()
    },
    end: () => tokenizer.end(),
    line: () => window.lastLine(),
  }
}

/** The part of the text that the tokenizer may still point into, and the count of lines before any place in it. */
interface SlidingWindow {
  append(text: string): void
  slice(start: number, end: number): string
  /** Nothing before this place is asked for again. */
  passed(end: number): void
  trim(): void
  lineOf(place: number): number
  lastLine(): number
}

function slidingWindow(): SlidingWindow {
  let buffer = ''
  let offset = 0
  let done = 0
  let line = 1
  let counted = 0
  const lineOf = (place: number): number => {
    if (place <= counted) return line
    let next = buffer.indexOf('\n', counted - offset)
    while (next !== -1 && next + offset < place) {
      line += 1
      next = buffer.indexOf('\n', next + 1)
    }
    counted = place
    return line
  }
  return {
    append: (text) => (buffer += text),
    slice: (start, end) => buffer.slice(start - offset, end - offset),
    passed: (end) => (done = Math.max(done, end)),
    trim() {
      lineOf(done)
      buffer = buffer.slice(done - offset)
      offset = done
      if (buffer.length > MAX_TOKEN_LENGTH) {
        throw new MunimentError('ERR_TOO_LARGE', `one tag or comment is over ${MAX_TOKEN_LENGTH} characters`)
      }
    },
    lineOf,
    lastLine: () => lineOf(offset + buffer.length),
  }
}

/** Text is decoded as a whole, because a reference may be cut where two parts meet. */
function tokenCallbacks(listener: MarkupListener, window: SlidingWindow): TokenizerCallbacks {
  let pending = ''
  const flush = (): void => {
    if (pending !== '') listener.text(decodeReferences(pending))
    pending = ''
  }
  return {
    ...tagCallbacks(listener, window, flush),
    ontext(start, end) {
      pending += window.slice(start, end)
      window.passed(end)
      if (pending.length > MAX_TOKEN_LENGTH) flush()
    },
    ontextentity: () => undefined,
    oncdata(start, end, endOffset) {
      flush()
      listener.text(window.slice(start, end - endOffset))
      window.passed(end)
    },
    oncomment: (_start, end) => window.passed(end),
    onprocessinginstruction: (_start, end) => window.passed(end),
    ondeclaration() {
      throw new MunimentError(
        'ERR_MALFORMED',
        'the file declares a document type or entities; bank statements have none, so it is refused',
      )
    },
    onend: flush,
    isInForeignContext: () => true,
  }
}

type TagCallbacks = Pick<
  TokenizerCallbacks,
  | 'onopentagname'
  | 'onopentagend'
  | 'onselfclosingtag'
  | 'onclosetag'
  | 'onattribname'
  | 'onattribdata'
  | 'onattribentity'
  | 'onattribend'
>

function tagCallbacks(listener: MarkupListener, window: SlidingWindow, flush: () => void): TagCallbacks {
  let tag = ''
  let attribute = ''
  let value = ''
  return {
    onopentagname(start, end) {
      flush()
      tag = window.slice(start, end)
      listener.open(tag, window.lineOf(start))
      window.passed(end)
    },
    onopentagend: (end) => window.passed(end),
    onselfclosingtag(end) {
      window.passed(end)
      listener.close(tag, window.lineOf(end))
    },
    onclosetag(start, end) {
      flush()
      listener.close(window.slice(start, end).trim(), window.lineOf(start))
      window.passed(end)
    },
    onattribname(start, end) {
      attribute = window.slice(start, end)
      value = ''
      window.passed(end)
    },
    onattribdata(start, end) {
      value += window.slice(start, end)
      window.passed(end)
      if (value.length <= MAX_TOKEN_LENGTH) return
      throw new MunimentError('ERR_TOO_LARGE', `an attribute is over ${MAX_TOKEN_LENGTH} characters`)
    },
    onattribentity: () => undefined,
    onattribend: () => listener.attribute(attribute, decodeReferences(value)),
  }
}
