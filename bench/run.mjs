// Runs the benches and prints ratios of one run. `--json` prints one JSON object; names after it choose benches.
// Installs what it compares with on first use, and needs the project built (npm run build).
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const isJson = process.argv.includes('--json')
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))

/** True when what the lock file names is not installed yet, or not in these versions. */
function isInstallDue() {
  const installed = new URL('node_modules/.package-lock.json', import.meta.url)
  const named = new URL('package-lock.json', import.meta.url)
  return !existsSync(installed) || statSync(installed).mtimeMs < statSync(named).mtimeMs
}

if (isInstallDue()) {
  process.stderr.write('Setting up: what is compared with …\n')
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: here,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(3)
}

const { BENCHES } = await import('./benches.mjs')
const unknown = chosen.filter((name) => !BENCHES.some((bench) => bench.name === name))
if (unknown.length > 0) {
  process.stderr.write(
    `There is no bench ${unknown.join(', ')}; there are ${BENCHES.map(({ name }) => name).join(', ')}.\n`,
  )
  process.exit(2)
}

const all = {}
for (const { name, measure, describe } of BENCHES) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  process.stderr.write(`Measuring ${name} …\n`)
  all[name] = await measure()
  if (!isJson) process.stdout.write(`${describe(all[name])}\n`)
}
if (isJson) process.stdout.write(`${JSON.stringify({ node: process.version, ...all }, undefined, 2)}\n`)
