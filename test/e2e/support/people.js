// Real processes of the built command, each with its own folder. Every wait has a deadline: uvu has none.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Milliseconds for any one thing that a test waits for. */
export const PATIENCE = 30_000
export const LAUNCHER = fileURLToPath(new URL('../../../node/muniment.js', import.meta.url))
export const PASSPHRASE = 'correct horse battery staple'

const ENV = { ...process.env, MUNIMENT_LISTEN: '/ip4/127.0.0.1/tcp/0', LC_ALL: 'C.UTF-8', NO_COLOR: '1' }
for (const name of ['MUNIMENT_FOLDER', 'MUNIMENT_PASSPHRASE_FILE', 'NODE_OPTIONS', 'FORCE_COLOR'])
  delete ENV[name]

/** The promise, or an error with what was waited for once the time is up. */
export async function within(promise, what, time = PATIENCE) {
  let timer
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${time} ms`)), time)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** A temporary place for one test: people with folders, files, and every process that was started. */
export async function makePlace() {
  const root = await mkdtemp(join(tmpdir(), 'muniment-e2e-'))
  const running = new Set()
  const passphraseFile = join(root, 'passphrase')
  await writeFile(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 })
  const start = (words, options = {}) => startCommand(words, { running, cwd: root, ...options })
  return {
    root,
    passphraseFile,
    start,
    run: (words, options) => start(words, options).ended(),
    async file(name, content) {
      const path = join(root, name)
      await writeFile(
        path,
        typeof content === 'object' && !ArrayBuffer.isView(content) ? JSON.stringify(content) : content,
      )
      return path
    },
    /** Somebody with a folder, and perhaps with a clock of their own. */
    person(name, { env = {} } = {}) {
      const folder = join(root, name)
      const withFolder = (words) => [...words, '--json', '--folder', folder]
      return {
        name,
        folder,
        start: (...words) => start(withFolder(words), { env }),
        run: (...words) => start(withFolder(words), { env }).ended(),
        /** Runs a command that must succeed, and gives its answer. */
        async does(...words) {
          const { code, answer, errors } = await start(withFolder(words), { env }).ended()
          if (code === 0) return answer
          throw new Error(
            `${name}: muniment ${words.join(' ')}: exit ${code}: ${JSON.stringify(answer)} ${errors}`,
          )
        },
        /** Opens the folder in a process of its own and waits until it is ready. */
        async opens(...words) {
          const owner = start(withFolder(words.length > 0 ? words : ['unlock', '--foreground']), { env })
          owner.ready = await owner.line(({ event }) => event === 'ready')
          return owner
        },
      }
    },
    async leave() {
      await Promise.all([...running].map((command) => command.kill()))
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** Runs a test in a place of its own, which is left whatever happens. */
export function inPlace(story) {
  return async () => {
    const place = await makePlace()
    try {
      await story(place)
    } finally {
      await place.leave()
    }
  }
}

function startCommand(
  words,
  { running, cwd, node = process.execPath, launcher = LAUNCHER, env = {}, input, nodeFlags = [] },
) {
  const what = `muniment ${words.join(' ')}`
  const child = spawn(node, [...nodeFlags, launcher, ...words], {
    cwd,
    env: { ...ENV, ...env },
    stdio: 'pipe',
  })
  let output = ''
  let errors = ''
  const lines = []
  const waiting = new Set()
  const wake = () => {
    for (const each of waiting) each()
  }
  child.stdout.on('data', (bytes) => (output += bytes))
  child.stderr.on('data', (bytes) => (errors += bytes))
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(parsed(text))
    wake()
  })
  child.stdin.on('error', () => undefined)
  if (input !== undefined) child.stdin.end(input)
  const closed = once(child, 'close').then(([code, signal]) => {
    running.delete(command)
    wake()
    return { code, signal }
  })
  const isOver = () => child.exitCode !== null || child.signalCode !== null
  const command = {
    pid: child.pid,
    isAlive: () => !isOver(),
    /** The next JSON line that matches, past or future. */
    line: (matches) =>
      within(
        new Promise((resolve, reject) => {
          const look = () => {
            const found = lines.find((line) => line !== undefined && matches(line))
            if (!found && !isOver()) return
            waiting.delete(look)
            if (found) resolve(found)
            else reject(new Error(`${what} ended without it: ${output} ${errors}`))
          }
          waiting.add(look)
          look()
        }),
        what,
      ),
    lines,
    answer: (text) => child.stdin.write(`${text}\n`),
    async kill(signal = 'SIGKILL') {
      if (!isOver()) child.kill(signal)
      await within(closed, `the end of ${what}`)
    },
    /** How it ended: exit code, what it printed, and its last JSON line. */
    async ended() {
      const { code, signal } = await within(closed, what)
      return { code, signal, output, errors, answer: lines.findLast((line) => line !== undefined) }
    },
  }
  running.add(command)
  return command
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Runs jobs, at most two at a time, for the machines that test have two cores; gives results in the jobs' order. */
export async function inPairs(jobs, work) {
  const left = [...jobs.entries()]
  const results = []
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, job] = next
      results[index] = await work(job)
    }
  }
  await Promise.all([worker(), worker()])
  return results
}

/** A clock that is wrong from the start, or that jumps on SIGUSR2, by so many milliseconds. */
export function otherClock({ off = 0, jump = 0 }) {
  const preload = new URL('other-clock.js', import.meta.url).href
  return {
    env: {
      NODE_OPTIONS: `--import=${preload}`,
      MUNIMENT_TEST_CLOCK_OFF: String(off),
      ...(jump !== 0 && { MUNIMENT_TEST_CLOCK_JUMP: String(jump) }),
    },
  }
}
