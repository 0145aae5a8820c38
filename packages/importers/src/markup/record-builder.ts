import { MunimentError } from '@muniment/interface'
import { MAX_RECORD_ELEMENTS, MAX_RECORD_TEXT } from '../constants.ts'
import { type Element, element } from './element.ts'

/** Builds the tree of one captured element, within limits. */
export interface RecordBuilder {
  /** True while an element is being captured. */
  isOpen(): boolean
  /** Begins the capture, or a child of what is open. */
  open(name: string, line: number): void
  /** The `Ccy` attribute of what was opened last. */
  currency(value: string): void
  text(text: string): void
  /**
   * Ends the innermost element, which stays in its parent if `isKept` says so. Gives the outermost one when it is that
   * which ended: it is then complete.
   */
  close(isKept?: (closed: Element) => boolean): Element | undefined
}

/** A builder with nothing captured. Throws `ERR_TOO_LARGE` when one record has too many elements or too much text. */
export function recordBuilder(): RecordBuilder {
  const path: OpenElement[] = []
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
      const opened = element(name, line)
      path.at(-1)?.element.children.push(opened)
      path.push({ element: opened, elements, characters })
      elements += 1
      room()
    },
    currency(value) {
      characters += value.length
      room()
      const top = path.at(-1)
      if (top !== undefined) top.element.currency = value
    },
    text(text) {
      const top = path.at(-1)
      if (top === undefined) return
      characters += text.length
      room()
      top.element.text += text
    },
    close(isKept = () => true) {
      const closed = path.pop()
      if (closed === undefined) return undefined
      const parent = path.at(-1)?.element
      if (parent !== undefined && !isKept(closed.element)) {
        parent.children.pop()
        elements = closed.elements
        characters = closed.characters
      }
      return parent === undefined ? closed.element : undefined
    },
  }
}

/** An element with the counts from before it, which hold again when it is not kept. */
interface OpenElement {
  readonly element: Element
  readonly elements: number
  readonly characters: number
}
