import { fork } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAX_MEMORY } from '../src/importers/constants.ts'
import { importFile } from '../src/importers/index.ts'
import { readerTalk } from '../src/importers/reader-talk.ts'

/** Milliseconds in which any of these is over, on a machine that does much else (T10: 10 s). */
const PATIENCE = 20_000
const MEBIBYTE = 2 ** 20

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'muniment-limits-'))))
afterAll(() => rm(folder, { recursive: true }))

/** A file with this text, and NULs after it up to `size` bytes, which take no room on most disks. */
async function hostileFile(name: string, text: string, size: number = text.length): Promise<string> {
  const path = join(folder, name)
  const file = await open(path, 'w')
  await file.write(text)
  if (size > text.length) await file.truncate(size)
  await file.close()
  return path
}

/** How an import ended, and the most memory that any child of this process held meanwhile. */
async function importWatched(path: string): Promise<{ ended: string; peak: number }> {
  let peak = 0
  const watch = setInterval(() => (peak = Math.max(peak, ...childrenMemory())), 5)
  try {
    const file = await importFile(path)
    let count = 0
    for await (const drafts of file.batches()) count += drafts.length
    return { ended: `${count} records`, peak }
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
    return { ended: String(code), peak }
  } finally {
    clearInterval(watch)
  }
}

/** The most bytes that each child of this process has held so far. */
function childrenMemory(): number[] {
  const children = readdirSync('/proc/self/task').flatMap((thread) =>
    textOf(`/proc/self/task/${thread}/children`).split(' ').filter(Boolean),
  )
  return children.map(
    (child) => Number(/^VmHWM:\s+(\d+)/mu.exec(textOf(`/proc/${child}/status`))?.[1] ?? 0) * 1024,
  )
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const TINY = '<STMTTRN><TRNAMT>1<DTPOSTED>20260101</STMTTRN>'
const ENTRY = `<Ntry ${'a="b" '.repeat(100_000)}/>`
const HUGE = 400 * MEBIBYTE
const START = '<OFX><BANKTRANLIST>'
const CAMT = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>'

describe.runIf(process.platform === 'linux')(
  'a hostile file ends with a clear code, and takes little memory',
  () => {
    test.each<[name: string, ended: string, text: string, size?: number]>([
      ['one tag of 400 MB', 'ERR_TOO_LARGE', `${START}<A`, HUGE],
      ['one comment of 400 MB', 'ERR_TOO_LARGE', `${START}<!--`, HUGE],
      ['one line of 400 MB', 'ERR_TOO_LARGE', `${START}<STMTTRN><NAME>`, HUGE],
      ['one attribute of 400 MB', 'ERR_TOO_LARGE', `${CAMT}<Ntry a="`, HUGE],
      ['a million levels', 'ERR_TOO_LARGE', `<OFX>${'<A>'.repeat(1_000_000)}`],
      ['a million levels of CAMT', 'ERR_TOO_LARGE', `${CAMT}${'<A>'.repeat(1_000_000)}`],
      [
        'ten million references in one text',
        'ERR_TOO_LARGE',
        `${START}<STMTTRN><NAME>${'&#65;&'.repeat(5_000_000)}`,
      ],
      ['a hundred thousand attributes, many times', '0 records', CAMT + ENTRY.repeat(20)],
      ['tiny transactions', '20000 records', START + TINY.repeat(20_000)],
      ['transactions of nothing', '0 records', START + '<STMTTRN></STMTTRN>'.repeat(200_000)],
      [
        'unknown names',
        '0 records',
        START + Array.from({ length: 200_000 }, (_, n) => `<X${n}>1</X${n}>`).join(''),
      ],
    ])(
      '%s: %s',
      async (name, expected, text, size) => {
        const { ended, peak } = await importWatched(await hostileFile(name, text, size))
        expect(ended).toBe(expected)
        expect(peak).toBeGreaterThan(16 * MEBIBYTE)
        expect(peak).toBeLessThan(MAX_MEMORY)
      },
      PATIENCE,
    )
  },
)

describe('whatever a reader does, it is ended from outside and this process lives', () => {
  /** What is heard of a reader that runs this code instead of reading. */
  async function heardOf(name: string, code: string): Promise<unknown> {
    const script = join(folder, `${name}.mjs`)
    await writeFile(script, `process.once('disconnect', () => undefined)\n${code}`)
    const reader = fork(script, [], {
      execArgv: ['--max-old-space-size=64'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const talk = readerTalk(reader, { stallTimeout: 1000, timeout: 2500 })
    const heard = await talk.next().catch((error: unknown) => error)
    await talk.end()
    expect(reader.exitCode ?? reader.signalCode).not.toBeNull()
    return heard
  }

  test.each<[what: string, code: string, expected: object]>([
    ['fills its heap', 'const all = []; for (;;) all.push({ all: [all.length] })', { code: 'ERR_TOO_LARGE' }],
    [
      'fills memory outside its heap',
      'const all = []; setInterval(() => all.push(Buffer.alloc(8388608, 1)), 5)',
      { code: 'ERR_TOO_LARGE' },
    ],
    [
      'turns in a circle',
      'for (;;) {}',
      { code: 'ERR_TIMEOUT', message: expect.stringContaining('1000 ms') },
    ],
    [
      'tells of progress for ever',
      "setInterval(() => process.send({ type: 'progress', bytes: 1, memory: 0 }), 50)",
      { code: 'ERR_TIMEOUT', message: expect.stringContaining('too long') },
    ],
    [
      'tells of too much memory',
      "setInterval(() => process.send({ type: 'progress', bytes: 1, memory: 1e9 }), 50)",
      { code: 'ERR_TOO_LARGE' },
    ],
    ['leaves', 'process.exit(0)', { code: 'ERR_MALFORMED' }],
    ['is killed by somebody', "process.kill(process.pid, 'SIGKILL')", { code: 'ERR_MALFORMED' }],
    [
      'speaks and leaves at once',
      "process.send({ type: 'recognised', format: 'ofx' }, () => process.exit(0))",
      { type: 'recognised' },
    ],
  ])(
    'it %s',
    async (what, code, expected) => {
      expect(await heardOf(what, code)).toMatchObject(expected)
    },
    PATIENCE,
  )
})
