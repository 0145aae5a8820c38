/** A fenced code block of a document, or of an `@example` in a package comment. */
export interface CodeBlock {
  /** What follows the fence: the language and notes such as `ts` or `sh laptop`. */
  readonly info: string
  readonly code: string
  /** Where the block begins: the line of its fence. */
  readonly line: number
}

/** The fenced code blocks of a text, with the margin of a doc comment taken off. */
export function extractCode(text: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = []
  let open: { info: string; line: number; lines: string[] } | undefined
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/^ \* ?/u, '')
    const fence = /^```(.*)$/u.exec(line)
    if (!fence) open?.lines.push(line)
    else if (open) {
      blocks.push({ info: open.info, code: open.lines.join('\n'), line: open.line })
      open = undefined
    } else open = { info: fence[1] ?? '', line: index + 1, lines: [] }
  }
  return blocks
}
