import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { MunimentError } from '@muniment/interface'
import type { JsonObject } from '../control/actions.ts'
import { isJsonObject } from '../control/lines.ts'

/** How long a party may take for one thing before the demo gives up. */
const PATIENCE = 60_000
const LAUNCHER = fileURLToPath(new URL('../../muniment.js', import.meta.url))

/** One `muniment` process with its JSON lines. */
export interface RunningCommand {
  /** The next JSON line that matches, past or future. Throws `ERR_TIMEOUT`, or what the command failed with. */
  line(matches: (line: JsonObject) => boolean): Promise<JsonObject>
  /** Answers the question that the command asked. */
  answer(text: string): void
  /** Ends it at once, as a power cut would: SIGKILL. */
  kill(): Promise<void>
  /** Waits for its end; gives its exit code and its last JSON line. */
  ended(): Promise<{ readonly code: number; readonly last: JsonObject }>
}

/** Someone in the story: a folder, and commands run on it, each in its own process. */
export interface Party {
  readonly name: string
  readonly folder: string
  /** Runs a command to its end and gives its answer. Throws when it fails. */
  run(...words: readonly string[]): Promise<JsonObject>
  /** Runs a command that is expected to say no; gives the error's or answer's object. */
  refuse(...words: readonly string[]): Promise<JsonObject>
  /** Starts a command and leaves it running. */
  start(...words: readonly string[]): RunningCommand
}

/** Makes a party. All its processes are remembered in `running`, so that a demo that fails leaves none behind. */
export function makeParty(name: string, folder: string, running: Set<ChildProcess>): Party {
  const start = (...words: readonly string[]): RunningCommand => {
    const child = spawn(process.execPath, [LAUNCHER, ...words, '--json', '--folder', folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, MUNIMENT_LISTEN: '/ip4/127.0.0.1/tcp/0' },
    })
    running.add(child)
    child.on('close', () => running.delete(child))
    return follow(child, `${name}: muniment ${words.join(' ')}`)
  }
  return {
    name,
    folder,
    start,
    async run(...words) {
      const { code, last } = await start(...words).ended()
      if (code !== 0) throw failed(`${name}: muniment ${words.join(' ')}`, last)
      return last
    },
    async refuse(...words) {
      const { code, last } = await start(...words).ended()
      if (code === 0) throw failed(`${name}: muniment ${words.join(' ')} was expected to be refused`, last)
      return last
    },
  }
}

function follow(child: ChildProcess, what: string): RunningCommand {
  const lines: JsonObject[] = []
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const each of waiting) each()
  }
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line: unknown = JSON.parse(text)
      if (isJsonObject(line)) lines.push(line)
      wake()
    })
  }
  const closed = once(child, 'close').then(([code]: unknown[]) => {
    const ended = typeof code === 'number' ? code : 1
    wake()
    return ended
  })
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    async line(matches) {
      const deadline = AbortSignal.timeout(PATIENCE)
      for (;;) {
        const found = lines.find(matches)
        if (found) return found
        if (isOver()) throw failed(what, lines.at(-1) ?? {})
        if (deadline.aborted) throw new MunimentError('ERR_TIMEOUT', `${what}: nothing came in time`)
        await nextWake(waiting, deadline)
      }
    },
    answer: (text) => void child.stdin?.write(`${text}\n`),
    async kill() {
      child.kill('SIGKILL')
      await closed
    },
    async ended() {
      const code = await closed
      return { code, last: lines.at(-1) ?? {} }
    },
  }
}

function nextWake(waiting: Set<() => void>, deadline: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      waiting.delete(wake)
      resolve()
    }
    waiting.add(wake)
    deadline.addEventListener('abort', wake, { once: true })
  })
}

function failed(what: string, last: JsonObject): MunimentError {
  return new MunimentError('ERR_INTERNAL', `${what}: ${JSON.stringify(last)}`)
}
