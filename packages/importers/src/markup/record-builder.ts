import { MunimentError } from '@muniment/interface'
import { MAX_RECORD_ELEMENTS, MAX_RECORD_TEXT } from '../constants.ts'
import { type Element, element } from './element.ts'

/** Builds the tree of one captured element, within limits. */
export interface RecordBuilder {
  /** True while an element is being captured. */
  isOpen(): boolean
  /** Begins the capture, or a child of what is open. */
  open(name: string, line: number): void
  attribute(name: string, value: string): void
  text(text: string): void
  /** Ends the innermost element and gives it; the outermost one is then complete. */
  close(): { readonly closed: Element; readonly parent: Element | undefined } | undefined
}

/** A builder with nothing captured. Throws `ERR_TOO_LARGE` when one record has too many elements or too much text. */
export function recordBuilder(): RecordBuilder {
  const path: Element[] = []
  let elements = 0
  let characters = 0
  const room = (): void => {
    if (elements > MAX_RECORD_ELEMENTS || characters > MAX_RECORD_TEXT) {
      throw new MunimentError(
        'ERR_TOO_LARGE',
        'one transaction of the file holds more than any transaction does',
      )
    }
  }
  return {
    isOpen: () => path.length > 0,
    open(name, line) {
      if (path.length === 0) elements = characters = 0
      elements += 1
      room()
      const opened = element(name, line)
      path.at(-1)?.children.push(opened)
      path.push(opened)
    },
    attribute(name, value) {
      characters += value.length
      room()
      path.at(-1)?.attributes.set(name, value)
    },
    text(text) {
      const top = path.at(-1)
      if (top === undefined) return
      characters += text.length
      room()
      top.text += text
    },
    close() {
      const closed = path.pop()
      return closed === undefined ? undefined : { closed, parent: path.at(-1) }
    },
  }
}
