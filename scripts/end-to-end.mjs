// Runs the end-to-end tests: each file in a process of its own, two at a time, because most of what they wait for is one
// program starting after another. What a file printed is shown when it has ended.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const AT_ONCE = 2
/** The longest ones, so that none of them is left for the end. */
const FIRST = ['recovery.js', 'request.js', 'device.js', 'commands.js']

const folder = fileURLToPath(new URL('../test/e2e', import.meta.url))
const rankOf = (file) => (FIRST.includes(file) ? FIRST.indexOf(file) : FIRST.length)
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.js'))
  .toSorted((one, other) => rankOf(one) - rankOf(other) || (one < other ? -1 : 1))

function run(file) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [`${folder}/${file}`], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (bytes) => (output += bytes))
    child.stderr.on('data', (bytes) => (output += bytes))
    child.on('close', (code) => resolve({ code, output }))
  })
}

let status = 0
async function worker() {
  for (let file = files.shift(); file !== undefined; file = files.shift()) {
    const { code, output } = await run(file)
    process.stdout.write(`${file}\n${output}`)
    // A file that broke before it could count its tests has failed one.
    if (code !== 0 && !/Total:/.test(output)) process.stdout.write('  Total:     1\n  Passed:    0\n')
    if (code !== 0) status = 1
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, worker))
process.exit(status)
