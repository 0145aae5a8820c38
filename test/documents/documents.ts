import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type CodeBlock, extractCode } from './extract-code.ts'

/** The folder of the repository. */
export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url))

/** A document whose code a reader may try: a Markdown file, or the comment of a package's index. */
export interface Document {
  /** Its path in the repository. */
  readonly path: string
  readonly text: string
  readonly blocks: readonly CodeBlock[]
}

const MARKDOWN = ['*.md', 'docs/**/*.md']
const INDEXES = [
  'packages/*/src/index.ts',
  'credentials/src/index.ts',
  'node/src/index.ts',
  'node/src/*/index.ts',
]

/** The Markdown documents. */
export const markdown: readonly Document[] = read(MARKDOWN)

/** All documents. */
export const documents: readonly Document[] = [...markdown, ...read(INDEXES)]

/** The first word after a block's fence: its language. */
export function languageOf({ info }: CodeBlock): string {
  return info.split(' ')[0] ?? ''
}

function read(patterns: readonly string[]): readonly Document[] {
  return globSync(patterns, { cwd: ROOT })
    .toSorted()
    .map((path) => {
      const text = readFileSync(new URL(path, new URL('../../', import.meta.url)), 'utf8')
      return { path, text, blocks: extractCode(text) }
    })
}
