import { MunimentError } from '@muniment/interface'
import { MAX_DEPTH } from '../constants.ts'
import { OFX_AGGREGATES, OFX_VALUES } from './ofx-names.ts'

/** Opening and closing of OFX elements, every open one closed at some time. */
export interface OfxEvents {
  open(name: string, line: number, parents: readonly string[]): void
  text(text: string): void
  close(name: string): void
}

/** Takes tags as the file has them. */
export interface OfxElements {
  open(name: string, line: number): void
  text(text: string): void
  close(name: string): void
  /** The elements that are open, outermost first. */
  path(): readonly string[]
}

/** Elements that never stand inside one of their own name: a second one means that the first was not closed. */
const NEVER_NESTED = new Set(['STMTTRN', 'STMTTRNP', 'INTRARS', 'STMTRS', 'CCSTMTRS', 'INVSTMTRS'])

/**
 * Closes what SGML leaves open (OFX 1.6, section 2.3.1): an element with a value ends where the next tag begins, and
 * an aggregate's end tag ends all that is open in it. XML (OFX 2) needs none of this and is not changed by it.
 * Throws `ERR_TOO_LARGE` for nesting over {@link MAX_DEPTH}.
 */
export function ofxElements(events: OfxEvents): OfxElements {
  const path: string[] = []
  let hasText = false
  const closeTo = (depth: number): void => {
    while (path.length > depth) events.close(path.pop() ?? '')
    hasText = false
  }
  const closeValue = (): void => {
    const top = path.at(-1)
    if (top === undefined || OFX_AGGREGATES.has(top)) return
    if (hasText || OFX_VALUES.has(top)) closeTo(path.length - 1)
  }
  return {
    open(tag, line) {
      const name = tag.toUpperCase()
      closeValue()
      if (NEVER_NESTED.has(name) && path.includes(name)) closeTo(path.lastIndexOf(name))
      if (path.length >= MAX_DEPTH) {
        throw new MunimentError('ERR_TOO_LARGE', `elements nest deeper than ${MAX_DEPTH}`)
      }
      events.open(name, line, path)
      path.push(name)
      hasText = false
    },
    text(text) {
      if (path.length === 0) return
      hasText ||= text.trim() !== ''
      events.text(text)
    },
    close(tag) {
      const depth = path.lastIndexOf(tag.toUpperCase())
      if (depth !== -1) closeTo(depth)
    },
    path: () => path,
  }
}
