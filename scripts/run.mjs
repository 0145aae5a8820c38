// Runs the project's commands on a fresh clone: sets up what is missing, shows progress, then runs the steps.
// Plain Node 20 or newer without a dependency, because it runs before anything is installed.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { LANES } from './lanes.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const binaries = join(root, 'node_modules', '.bin')
const stamp = join(root, 'node_modules', '.muniment-setup')
const results = join(root, 'node_modules', '.muniment-results.json')
const env = { ...process.env, PATH: binaries + delimiter + (process.env.PATH ?? '') }

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`

/** Runs one program to its end; gives its exit code and, if asked, what it printed. */
function run(command, { quiet = false, extraEnv = {} } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, {
      cwd: root,
      env: { ...env, ...extraEnv },
      shell: true,
      stdio: ['inherit', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    })
    let output = ''
    child.stdout?.on('data', (bytes) => (output += bytes))
    child.stderr?.on('data', (bytes) => (output += bytes))
    child.on('close', (code, signal) => resolve({ code: code ?? (signal ? 1 : 0), output }))
  })
}

/** Runs a step that says nothing while it goes well, with a line that shows it is alive. */
async function quietly(title, command) {
  const since = Date.now()
  const alive = setInterval(() => {
    if (process.stderr.isTTY) process.stderr.write(`\r${title} … ${seconds(since)} `)
  }, 500)
  if (!process.stderr.isTTY) process.stderr.write(`${title} …\n`)
  const { code, output } = await run(command, { quiet: true })
  clearInterval(alive)
  process.stderr.write(
    `${process.stderr.isTTY ? '\r' : ''}${title}: ${code === 0 ? 'done' : 'failed'} in ${seconds(since)}\n`,
  )
  if (code !== 0) {
    process.stderr.write(output)
    process.exit(code)
  }
}

async function setUp() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const isThere =
    existsSync(stamp) && readFileSync(stamp, 'utf8') === lock && existsSync(join(binaries, 'node'))
  if (!isThere) {
    await quietly('Setting up: the libraries', 'npm install --no-save --no-audit --no-fund --loglevel=error')
    mkdirSync(join(root, 'node_modules'), { recursive: true })
    writeFileSync(stamp, lock)
  }
  await quietly('Setting up: the build', 'tsc -b')
}

/** Counts what a vitest or uvu step reported. A step that broke without a failed test counts as one failure. */
function count(step, code, output) {
  let passed = 0
  let failed = 0
  if (step.counts === 'vitest' && existsSync(results)) {
    const report = JSON.parse(readFileSync(results, 'utf8'))
    passed = report.numPassedTests
    failed = report.numFailedTests
  } else if (step.counts === 'uvu') {
    const plain = stripVTControlCharacters(output)
    const sum = (word) =>
      [...plain.matchAll(new RegExp(`${word}:\\s+(\\d+)`, 'g'))].reduce(
        (all, [, one]) => all + Number(one),
        0,
      )
    passed = sum('Passed')
    failed = sum('Total') - passed
  }
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed }
}

async function runSteps(steps) {
  const total = { passed: 0, failed: 0 }
  const broken = []
  for (const step of steps) {
    const since = Date.now()
    writeFileSync(results, '{"numPassedTests":0,"numFailedTests":0}')
    const vitest =
      step.counts === 'vitest' ? ` --reporter=default --reporter=json --outputFile.json="${results}"` : ''
    process.stderr.write(`\n— ${step.title}\n`)
    const { code, output } = await run(step.command + vitest, {
      quiet: step.counts === 'uvu',
      extraEnv: step.env,
    })
    if (output) process.stderr.write(output)
    const { passed, failed } = step.counts
      ? count(step, code, output)
      : { passed: 0, failed: code === 0 ? 0 : 1 }
    total.passed += passed
    total.failed += failed
    if (code !== 0 || failed > 0) broken.push(step.title)
    process.stderr.write(`— ${step.title}: ${code === 0 ? 'done' : 'FAILED'} in ${seconds(since)}\n`)
  }
  if (broken.length > 0) process.stderr.write(`\nFailed: ${broken.join(', ')}\n`)
  return { total, broken }
}

const [name, ...rest] = process.argv.slice(2)
const lane = LANES[name ?? '']
if (!lane) {
  process.stderr.write(`Usage: node scripts/run.mjs ${Object.keys(LANES).join('|')}\n`)
  process.exit(2)
}
for (const variable of lane.needs ?? []) {
  if (!process.env[variable]) {
    process.stderr.write(`This lane reads published files from outside: set ${variable} to their folder.\n`)
    process.exit(1)
  }
}
const since = Date.now()
await setUp()
if (lane.command) {
  const words = rest.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')
  process.exit((await run(`${lane.command} ${words}`)).code)
}
const { total, broken } = await runSteps(lane.steps)
process.stderr.write(`\nIn ${seconds(since)}:\n`)
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`)
process.exit(broken.length === 0 && total.passed > 0 ? 0 : 1)
