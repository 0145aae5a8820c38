/** One element of a transaction, with all that stands in it. */
export interface Element {
  readonly name: string
  /** The line that its tag begins in, from 1. */
  readonly line: number
  /** Its own text, references decoded, not trimmed. */
  text: string
  /** Its `Ccy` attribute, the only one that statements need. */
  currency?: string
  readonly children: Element[]
}

/** An element with nothing in it yet. */
export function element(name: string, line: number): Element {
  return { name, line, text: '', children: [] }
}

/** The first element at the end of the path, or `undefined`. */
export function at(from: Element | undefined, ...path: readonly string[]): Element | undefined {
  let found = from
  for (const name of path) found = found?.children.find((child) => child.name === name)
  return found
}

/** The trimmed text at the end of the path; `undefined` when there is none or it is empty. */
export function textAt(from: Element | undefined, ...path: readonly string[]): string | undefined {
  const text = at(from, ...path)?.text.trim()
  return text === '' ? undefined : text
}

/** The children of that name. */
export function all(from: Element | undefined, name: string): readonly Element[] {
  return from?.children.filter((child) => child.name === name) ?? []
}

/** The first of the texts that is there. */
export function firstText(...texts: readonly (string | undefined)[]): string | undefined {
  return texts.find((text) => text !== undefined)
}
