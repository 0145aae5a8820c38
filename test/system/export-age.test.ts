import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVault } from 'muniment'
import { afterEach, beforeEach, expect, it } from 'vitest'

const PATIENCE = 60_000
const PASSPHRASE = 'a long walk by the river'
let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'muniment-age-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

/** Runs a program of the system; what it says on standard output. */
function run(program: string, words: readonly string[], input = ''): string {
  try {
    return execFileSync(program, [...words], { input, stdio: ['pipe', 'pipe', 'pipe'] }).toString()
  } catch (cause) {
    throw new Error(`This test runs ${program} (on Debian: the packages age, tar and bsdutils).`, { cause })
  }
}

/** Every file of an opened archive against its manifest, and the titles of its notes. */
async function notesOf(tar: string): Promise<readonly unknown[]> {
  run('tar', ['-xf', tar, '-C', root])
  const manifest = JSON.parse(await readFile(join(root, 'manifest.json'), 'utf8')) as {
    files: { path: string; bytes: number; sha256: string }[]
  }
  for (const { path, bytes, sha256 } of manifest.files) {
    const content = await readFile(join(root, path))
    expect(content).toHaveLength(bytes)
    expect(createHash('sha256').update(content).digest('hex')).toBe(sha256)
  }
  const titles: unknown[] = []
  for (const file of await readdir(join(root, 'records'))) {
    for (const line of (await readFile(join(root, 'records', file), 'utf8')).trimEnd().split('\n')) {
      titles.push((JSON.parse(line) as { title: unknown }).title)
    }
  }
  return titles
}

it('the programs age and tar of the system open what Ana left with', { timeout: PATIENCE }, async () => {
  const vault = await createVault({ folder: join(root, 'ana'), name: 'Laptop' })
  const key = join(root, 'key.txt')
  run('age-keygen', ['-o', key])
  const recipient = run('age-keygen', ['-y', key]).trim()
  const titles = Array.from({ length: 300 }, (_, number) => `Note ${number}: ${'é'.repeat(400)}`)
  for (const title of titles) await vault.note(title)
  await vault.export(join(root, 'vault.tar.age'), { keys: { recipients: [recipient] } })
  await vault.close()

  run('age', [
    '--decrypt',
    '--identity',
    key,
    '--output',
    join(root, 'vault.tar'),
    join(root, 'vault.tar.age'),
  ])
  expect(new Set(await notesOf(join(root, 'vault.tar')))).toEqual(new Set(titles))
})

it('so they do with the passphrase, typed in a terminal', { timeout: PATIENCE }, async () => {
  const vault = await createVault({ folder: join(root, 'ana'), name: 'Laptop' })
  await vault.note('Flat')
  await vault.export(join(root, 'vault.tar.age'), { keys: { passphrase: PASSPHRASE } })
  await vault.close()

  // age asks on the terminal and nowhere else: script lends it one.
  const typed = `age --decrypt --output ${join(root, 'vault.tar')} ${join(root, 'vault.tar.age')}`
  run('script', ['--quiet', '--return', '--command', typed, '/dev/null'], `${PASSPHRASE}\n`)
  expect(await notesOf(join(root, 'vault.tar'))).toEqual(['Flat'])
})
