import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test as suite } from 'uvu'
import * as assert from 'uvu/assert'

const FOLDER = new URL('../../examples/', import.meta.url)
const programs = readdirSync(FOLDER).filter((name) => existsSync(new URL(`${name}/index.js`, FOLDER)))

const LAST_WORDS = {
  '01-two-devices': 'and the laptop has it',
  '02-issue-address': 'does not work a second time',
  '03-prove-address': 'The landlord has',
}

suite('there is an example of each kind', () => {
  assert.equal(programs.sort(), Object.keys(LAST_WORDS))
})

for (const [name, words] of Object.entries(LAST_WORDS)) {
  suite(`the example ${name} runs to its end`, async () => {
    const program = fileURLToPath(new URL(`${name}/index.js`, FOLDER))
    const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 60_000 })
    assert.match(stdout.trim().split('\n').at(-1), words)
  })
}

suite.run()
