import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CodeBlock } from './extract-code.ts'
import { languageOf, markdown, ROOT } from './documents.ts'
import { openDesk } from './terminals.ts'

const readme = markdown.find(({ path }) => path === 'README.md')
const blocks = readme?.blocks ?? []
const isInTerminal = ({ info }: CodeBlock): boolean => /^sh \w+$/u.test(info)

describe('a reader of the README', () => {
  test('plays the story by hand in four terminals', { timeout: 180_000 }, async () => {
    const home = await mkdtemp(join(tmpdir(), 'muniment-reader-'))
    const desk = openDesk(home)
    try {
      for (const block of blocks) {
        const [language, name = ''] = block.info.split(' ')
        if (language === 'json') await desk.save(join('muniment-try', name), block.code)
        else if (isInTerminal(block)) await desk.terminal(name).type(block.code)
      }
      for (const terminal of desk.terminals()) await terminal.finish()

      expect(desk.terminals().map(({ name }) => name)).toEqual(['laptop', 'phone', 'council', 'landlord'])
      const [laptop = '', phone = '', council = '', landlord = ''] = desk
        .terminals()
        .map((each) => each.shown())
      expect(laptop).toContain('3 new, 0 duplicates')
      expect(phone).toContain('Boulangerie Au Pain Doré')
      expect(phone).toContain('Car insurance')
      expect(wordsOn(laptop)).toBe(wordsOn(phone))
      expect(council).toContain('name: Ville de Lyon')
      expect(phone).toContain('Home Lettings')
      expect(phone).toContain('address.locality: "Lyon"')
      expect(landlord).toContain('69003')
      expect(landlord).not.toMatch(/Lilas|2021-04-01/u)
    } finally {
      await Promise.all(desk.terminals().map((terminal) => terminal.close()))
      await rm(home, { recursive: true, force: true })
    }
  })

  test('finds every npm command that it names', () => {
    const manifest: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    )
    const named = markdown.flatMap(({ text }) =>
      [...text.matchAll(/npm (?:run (?:--silent )?([\w:-]+)|(test)\b)/gu)].map(
        ([, script, lane]) => script ?? lane,
      ),
    )
    expect(named).toContain('demo')
    expect(named).toContain('test')
    expect(named.filter((script) => manifest.scripts[script ?? ''] === undefined)).toEqual([])
  })

  test('meets no command that this test leaves out', () => {
    const commands = blocks.filter((block) => languageOf(block) === 'sh' && !isInTerminal(block))
    const lines = commands.flatMap(({ code }) => code.split('\n'))
    expect(lines.filter((line) => !/^npm (?:test|run \w+)$/u.test(line))).toEqual([])
  })
})

function wordsOn(screen: string): string | undefined {
  return /same words\? {2}(.+)/u.exec(screen)?.[1]
}
