import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { ROOT } from './documents.ts'

/** Milliseconds that one command may take before the reader gives up. */
const PATIENCE = 60_000
/** A command that goes on until another terminal has done its part. */
const WAITS_FOR_ANOTHER = /^npx muniment invite$/u
const READY = /Unlocked\./u
const SAME_WORDS = /same words\? {2}(.+)/gu

/** A command that a reader typed. */
interface Typed {
  readonly words: string
  readonly child: ChildProcess
  readonly ended: Promise<number>
}

/** One of the reader's terminals. */
export interface Terminal {
  readonly name: string
  /** All that it has shown. */
  shown(): string
  /** Types the lines of a block and waits for each, but not for one that another terminal has to answer. */
  type(code: string): Promise<void>
  /** Waits for what was left running. */
  finish(): Promise<void>
  /** Ends whatever is still there. */
  close(): Promise<void>
}

/** The desk of a reader who does what a document says: terminals with a home of their own. */
export interface Desk {
  terminal(name: string): Terminal
  terminals(): readonly Terminal[]
  /** Saves a file that the document shows. */
  save(path: string, text: string): Promise<void>
}

/** A reader's desk. Text between `<` and `>` is taken from what another terminal showed. */
export function openDesk(home: string): Desk {
  const open = new Map<string, Terminal>()
  const terminal = (name: string): Terminal => {
    const known = open.get(name) ?? openTerminal({ name, home, fill })
    open.set(name, known)
    return known
  }
  const seen = (name: string, pattern: RegExp): string | undefined =>
    [...terminal(name).shown().matchAll(pattern)].at(-1)?.[1]
  const find = (placeholder: string): string | undefined => {
    const [, from] = /^(?:link from|did of) the (\w+)$/u.exec(placeholder) ?? []
    if (from !== undefined && placeholder.startsWith('link')) return seen(from, /(muniment:\w+\?\S+)/gu)
    if (from !== undefined) return seen(from, /^did: (\S+)$/gmu)
    if (placeholder === 'id of the request') return seen('phone', /muniment preview (\S+)/gu)
    if (placeholder === 'hash of the preview') return seen('phone', /--accept --preview (\S+)/gu)
    return undefined
  }
  const fill = (text: string): string =>
    text.replaceAll(/<([a-z][a-z ]+)>/gu, (_, placeholder: string) => {
      const found = find(placeholder)
      if (found === undefined) throw new Error(`no terminal has shown a <${placeholder}>`)
      return found
    })
  return {
    terminal,
    terminals: () => [...open.values()],
    async save(path, text) {
      mkdirSync(dirname(join(home, path)), { recursive: true })
      writeFileSync(join(home, path), fill(text))
    },
  }
}

interface TerminalInit {
  readonly name: string
  readonly home: string
  readonly fill: (text: string) => string
}

function openTerminal({ name, home, fill }: TerminalInit): Terminal {
  const settings: string[] = []
  const running = new Set<Typed>()
  const env = {
    ...process.env,
    HOME: home,
    PATH: `${join(ROOT, 'node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}`,
    LC_ALL: 'en_GB.UTF-8',
    // A build machine says that it wants colours though nobody looks at a terminal.
    NO_COLOR: '1',
  }
  let shown = ''
  const news = new Set<() => void>()

  function start(words: string): Typed {
    const script = [...settings, words].join('\n')
    const child = spawn('sh', ['-c', script], { cwd: ROOT, env, detached: true, stdio: 'pipe' })
    let own = ''
    let answered = 0
    const hear = (bytes: Buffer): void => {
      shown += bytes.toString()
      own += bytes.toString()
      const questions = [...own.matchAll(SAME_WORDS)].length
      if (questions > answered) child.stdin.write('yes\n')
      answered = questions
      for (const tell of news) tell()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    const ended = once(child, 'close').then(([code]: unknown[]) => (typeof code === 'number' ? code : 1))
    void ended.then(() => news.forEach((tell) => tell()))
    return { words, child, ended }
  }
  async function succeed({ words, child, ended }: Typed): Promise<void> {
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
    const code = await ended
    clearTimeout(late)
    if (code !== 0) throw new Error(`${name}: "${words}" ended with ${code}:\n${shown}`)
  }
  async function until(pattern: RegExp, { words, child }: Typed, from: number): Promise<void> {
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
    while (!pattern.test(shown.slice(from))) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`${name}: "${words}":\n${shown}`)
      await new Promise<void>((resolve) => {
        const tell = (): void => {
          news.delete(tell)
          resolve()
        }
        news.add(tell)
      })
    }
    clearTimeout(late)
  }
  async function typeLine(line: string): Promise<void> {
    const from = shown.length
    if (line.startsWith('export ')) settings.push(line)
    else if (line.endsWith(' &') || WAITS_FOR_ANOTHER.test(line)) {
      const typed = start(line.replace(/ &$/u, ''))
      running.add(typed)
      await until(line.endsWith(' &') ? READY : /muniment:\w+\?\S+\s/u, typed, from)
    } else await succeed(start(fill(line)))
  }

  return {
    name,
    shown: () => shown,
    async type(code) {
      for (const line of code.split('\n').filter((text) => text !== '')) await typeLine(line)
    },
    async finish() {
      for (const typed of running) await succeed(typed)
    },
    async close() {
      await start('npx muniment lock').ended
      for (const { child } of running) {
        if (child.exitCode === null && child.signalCode === null && child.pid)
          process.kill(-child.pid, 'SIGKILL')
      }
    },
  }
}
