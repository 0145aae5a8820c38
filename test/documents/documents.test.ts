import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { documents, languageOf, markdown, ROOT } from './documents.ts'

/** Languages of code blocks: `ts` and `sh` are run, `json` is read, the others are pictures. */
const LANGUAGES = new Set(['ts', 'sh', 'json', 'mermaid', 'text', ''])
const DIAGRAM = /^(?:graph (?:LR|TD)|sequenceDiagram)\n/u
/** The document whose commands are typed in terminals. */
const WITH_COMMANDS = 'README.md'

const blocks = documents.flatMap(({ path, blocks: all }) => all.map((block) => ({ path, block })))

test('every code block is of a kind that these tests run or read', () => {
  const unknown = blocks.filter(({ block }) => !LANGUAGES.has(languageOf(block)))
  expect(unknown.map(({ path, block }) => `${path}:${block.line} ${block.info}`)).toEqual([])
})

test('shell commands stand only where a test types them', () => {
  const commands = blocks.filter(({ path, block }) => languageOf(block) === 'sh' && path !== WITH_COMMANDS)
  expect(commands.map(({ path, block }) => `${path}:${block.line}`)).toEqual([])
})

test.for(blocks.filter(({ block }) => languageOf(block) === 'json'))(
  'the JSON of $path, line $block.line, can be read',
  ({ block }) => {
    expect(JSON.parse(block.code)).toBeTypeOf('object')
  },
)

test('every diagram begins as one', () => {
  const diagrams = blocks.filter(({ block }) => languageOf(block) === 'mermaid')
  expect(diagrams.filter(({ block }) => !DIAGRAM.test(block.code))).toEqual([])
})

test('every link of a document leads to a file of the repository', () => {
  const broken = markdown.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/gu)]
      .map(([, target = '']) => target)
      .filter((target) => !/^https?:/u.test(target) && !existsSync(resolve(ROOT, dirname(path), target)))
      .map((target) => `${path}: ${target}`),
  )
  expect(broken).toEqual([])
})

test('every block that is opened is closed', () => {
  for (const { path, text } of markdown) {
    const fences = text.match(/^```/gmu) ?? []
    expect(fences.length % 2, path).toBe(0)
  }
})
