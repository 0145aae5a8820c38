import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, symlink } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test as suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inPlace, LAUNCHER } from './support/people.js'

const PINNED = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url))
/** Makes every process that is started say which program it is. */
const SAY_WHO = { NODE_OPTIONS: '--import=data:text/javascript,console.error(`started:${process.execPath}`)' }
/** Makes a Node take itself for an older one. */
const FEIGN_OLD =
  '--import=data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.20.2"}})'

/** The machine's own Node, if it has one that is too old. */
const oldNode = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => folder !== '' && !folder.includes('node_modules'))
  .map((folder) => join(folder, 'node'))
  .find((program) => existsSync(program) && isOld(program))

function isOld(program) {
  const [major = 0, minor = 0] = execFileSync(program, ['-p', 'process.versions.node'], { encoding: 'utf8' })
    .split('.')
    .map(Number)
  return major < 22 || (major === 22 && minor < 12)
}

/** A machine with an old Node: its own one, or where it has none a Node that takes itself for one. */
const onOldNode = oldNode ? { node: oldNode } : { node: PINNED, nodeFlags: [FEIGN_OLD] }

const startedBy = (errors) => [...errors.matchAll(/^started:(.*)$/gmu)].map(([, program]) => program)

suite(
  'someone whose machine has Node 20 gets the command all the same: the launcher hands over to the pinned Node',
  inPlace(async ({ run }) => {
    const told = await run(['--version'], { ...onOldNode, env: SAY_WHO })
    assert.is(told.code, 0)
    assert.match(told.output, /^\d+\.\d+\.\d+\n$/u)
    const programs = startedBy(told.errors)
    assert.is(programs.length, 2)
    assert.is(programs[1], PINNED)
  }),
)

suite(
  'what is piped in reaches the pinned Node, and its exit code comes back',
  inPlace(async ({ run }) => {
    const nothing = await run(['credential', 'inspect', '--json'], { ...onOldNode, input: '' })
    assert.is(nothing.code, 1)
    assert.is(nothing.answer.problems[0].code, 'malformed')
    const wrong = await run(['status', '--no-such-flag'], onOldNode)
    assert.is(wrong.code, 2)
  }),
)

suite(
  'a recent Node is used as it is, without another process',
  inPlace(async ({ run }) => {
    const told = await run(['--version'], { node: PINNED, env: SAY_WHO })
    assert.is(told.code, 0)
    assert.equal(startedBy(told.errors), [PINNED])
  }),
)

suite(
  'where nothing is built yet the command says so in one sentence and exits 3',
  inPlace(async ({ run, root }) => {
    const launcher = join(root, 'muniment.js')
    await copyFile(LAUNCHER, launcher)
    const told = await run(['status'], { launcher })
    assert.is(told.code, 3)
    assert.is(told.output, '')
    assert.match(told.errors, /^muniment is not built yet: [^\n]+\.\n$/u)
  }),
)

suite(
  'where an old Node finds no pinned one the command says so in one sentence and exits 3',
  inPlace(async ({ run, root }) => {
    const launcher = join(root, 'muniment.mjs')
    await copyFile(LAUNCHER, launcher)
    await mkdir(join(root, 'dist'))
    await symlink(join(dirname(LAUNCHER), 'dist', 'cli'), join(root, 'dist', 'cli'))
    const told = await run(['status'], { ...onOldNode, launcher })
    assert.is(told.code, 3)
    assert.match(told.errors, /^muniment needs Node 22\.12 or newer, and this is 20\.[\d.]+\.\n$/u)
  }),
)

suite.run()
