import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, watch, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { beforeEach, describe, expect, test } from 'vitest'
import { createVault } from '../src/index.ts'
import { linesOf, openArchive } from './support/open-archive.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const COMMAND = [
  '--conditions=@muniment/source',
  fileURLToPath(new URL('../src/cli/main.ts', import.meta.url)),
  'export',
]
/** Milliseconds for commands from source, on a machine that does much else. */
const PATIENCE = 30_000
let root: string
let out: string

beforeEach(async () => {
  root = await temporaryFolder()
  out = join(root, 'out')
  await mkdir(out)
  const vault = await createVault({ folder: join(root, 'ana'), name: 'Laptop' })
  await vault.note('Flat', { rent: '900' })
  await vault.close()
})

function inVault(...words: readonly string[]): string[] {
  return [...COMMAND, ...words, '--folder', join(root, 'ana')]
}

function muniment(...words: readonly string[]): Promise<{ stdout: string }> {
  return promisify(execFile)(process.execPath, inVault(...words), { cwd: out })
}

describe('Ana leaves by the command', { timeout: PATIENCE }, () => {
  test('into a file named from where she is, told in JSON or in her language', async () => {
    const identity = await generateIdentity()
    const recipient = await identityToRecipient(identity)
    const { stdout } = await muniment('one.tar.age', '--recipient', recipient, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ path: join(out, 'one.tar.age'), records: 1 })
    const files = await openArchive(join(out, 'one.tar.age'), { identity })
    expect(linesOf(files, 'records/note')).toMatchObject([{ title: 'Flat', fields: { rent: '900' } }])
    const french = await muniment('two.tar.age', '--recipient', recipient, '--lang', 'fr')
    expect(french.stdout).toContain('1 fiches')
  })

  test('with a passphrase that is the archive’s own', async () => {
    const file = join(root, 'passphrase')
    await writeFile(file, 'a long walk by the river\nand another line\n')
    await muniment('vault.tar.age', '--archive-passphrase-file', file)
    const files = await openArchive(join(out, 'vault.tar.age'), { passphrase: 'a long walk by the river' })
    expect([...files.keys()]).toContain('records/note.jsonl')
  })

  test('but has to say what opens the archive, once, and not by the passphrase of the vault', async () => {
    const file = join(root, 'passphrase')
    await writeFile(file, 'a long walk by the river\n')
    for (const words of [
      [],
      ['--passphrase-file', file],
      ['--passphrase-file', file, '--archive-passphrase-file', file],
      ['--recipient', 'age1x', '--archive-passphrase-file', file],
      ['--recipient', 'age1x'],
    ]) {
      await expect(muniment('vault.tar.age', ...words)).rejects.toMatchObject({ code: 2 })
    }
    expect(await readdir(out)).toEqual([])
  })

  test('and when she interrupts it, nothing is left', async () => {
    const file = join(root, 'passphrase')
    await writeFile(file, 'a long walk by the river\n')
    const begun = firstIn(out)
    const words = inVault(join(out, 'vault.tar.age'), '--archive-passphrase-file', file, '--json')
    const running = spawn(process.execPath, words, { stdio: 'ignore' })
    expect(await begun).toMatch(/^\.muniment-export-/u)
    running.kill('SIGINT')
    expect(await once(running, 'exit')).toEqual([1, null])
    expect(await readdir(out)).toEqual([])
  })
})

/** The first name that comes up in a folder. */
async function firstIn(folder: string): Promise<string | null> {
  for await (const { filename } of watch(folder)) return filename
  return null
}
