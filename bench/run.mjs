// Runs the benches and prints ratios of one run: a table, or with `--json` one JSON object. Names choose benches. Ends
// with 0 also when a required ratio is not reached: it says so, and machines differ.
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
const { shortfall } = await import('./figures.mjs')
const unknown = chosen.filter((name) => !BENCHES.some((bench) => bench.name === name))
if (unknown.length > 0) {
  process.stderr.write(
    `There is no bench ${unknown.join(', ')}; there are ${BENCHES.map(({ name }) => name).join(', ')}.\n`,
  )
  process.exit(2)
}

const all = { node: process.version, figures: [] }
for (const { name, measure, describe } of BENCHES) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  process.stderr.write(`Measuring ${name} …\n`)
  const { figures, ...details } = await measure()
  all.figures.push(...figures.map((one) => ({ bench: name, ...one })))
  all[name] = details
  if (!isJson) process.stdout.write(`${describe({ figures, ...details }).join('\n')}\n\n`)
}
if (isJson) process.stdout.write(`${JSON.stringify(all, undefined, 2)}\n`)
else process.stdout.write(`${shortfall(all.figures)}\n`)
