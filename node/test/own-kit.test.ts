import { execFile, spawn } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { readRecoveryKit } from '@muniment/devices'
import { recoverReplicaSecret } from '@muniment/replicas'
import { beforeEach, describe, expect, test } from 'vitest'
import { createVault, type NewKit, type PersonVault } from '../src/index.ts'
import { nodeCryptography as cryptography } from '../src/platform/index.ts'
import { openFolderReplica } from '../src/replica/index.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const COMMAND = [
  '--conditions=@muniment/source',
  fileURLToPath(new URL('../src/cli/main.ts', import.meta.url)),
]
/** Milliseconds for commands from source, on a machine that does much else. */
const PATIENCE = 60_000
let root: string
let folder: string

beforeEach(async () => {
  root = await temporaryFolder()
  folder = join(root, 'drive')
})

async function newVault(): Promise<PersonVault> {
  return createVault({ folder: join(root, 'ana'), name: 'Laptop' })
}

const asked = ({ positions, words }: NewKit): string[] =>
  positions.map((position) => words[position - 1] ?? '')

async function opensReplica(words: readonly string[]): Promise<boolean> {
  const read = await readRecoveryKit({ cryptography }, words.join(' '))
  if (!read.ok) return false
  const storage = await openFolderReplica({ folder })
  const { replicaKey } = read.kit.member
  return (await recoverReplicaSecret({ cryptography, storage }, replicaKey)) !== undefined
}

describe('the kit of Ana', () => {
  test('does not count until she has typed three of its words, and then opens her replicas', async () => {
    const vault = await newVault()
    expect(await vault.kitStatus()).toBeUndefined()
    await vault.addReplica({ kind: 'folder', folder })
    const kit = await vault.makeKit()
    expect(await vault.kitStatus()).toMatchObject({ keyId: kit.keyId, counts: false })
    await vault.pushReplica('drive')
    expect(await opensReplica(kit.words)).toBe(false)
    const [first = '', ...others] = asked(kit)
    expect(await kit.answer([first === 'zoo' ? 'zone' : 'zoo', ...others])).toMatchObject({
      ok: false,
      problems: [{ position: kit.positions[0] }],
    })
    expect(await vault.kitStatus()).toMatchObject({ counts: false })
    expect(await kit.answer(asked(kit))).toEqual({ ok: true })
    expect(await vault.kitStatus()).toMatchObject({ counts: true, rehearsed: { how: 'three_words' } })
    await vault.pushReplica('drive')
    expect(await opensReplica(kit.words)).toBe(true)
    await vault.close()
  })

  test('counts after she has typed all 24 words another day, in any writing', async () => {
    const vault = await newVault()
    const { words } = await vault.makeKit({ language: 'fr' })
    const typed = words.map((word, index) => `${index + 1}. ${word.toUpperCase()}`).join('\n')
    expect(await vault.rehearseKit(words.slice(1).join(' '))).toMatchObject({
      ok: false,
      problems: [{ code: 'word_count' }],
    })
    expect(await vault.kitStatus()).toMatchObject({ counts: false })
    expect(await vault.rehearseKit(typed)).toMatchObject({ ok: true, kit: { counts: true } })
    expect(await vault.kitStatus()).toMatchObject({ counts: true, rehearsed: { how: 'all_words' } })
    await vault.close()
  })

  test('is replaced only with its own words, and then opens no replica any more', async () => {
    const vault = await newVault()
    await vault.addReplica({ kind: 'folder', folder })
    const old = await vault.makeKit()
    await old.answer(asked(old))
    await vault.pushReplica('drive')
    const next = await vault.makeKit()
    expect(next.replaces).toBe(true)
    expect(await vault.kitStatus()).toMatchObject({ keyId: old.keyId, untried: { keyId: next.keyId } })
    await expect(next.answer(asked(next))).rejects.toMatchObject({ code: 'ERR_USAGE' })
    await expect(next.answer(asked(next), { replacing: next.words.join(' ') })).rejects.toMatchObject({
      code: 'ERR_NOT_A_MEMBER',
    })
    await next.answer(asked(next), { replacing: old.words.join(' ') })
    expect(await vault.kitStatus()).toMatchObject({ keyId: next.keyId, counts: true, untried: undefined })
    await vault.pushReplica('drive')
    expect(await opensReplica(old.words)).toBe(false)
    expect(await opensReplica(next.words)).toBe(true)
    await vault.close()
  })
})

describe('by the command', { timeout: PATIENCE }, () => {
  const inVault = (...words: readonly string[]): string[] => [
    ...COMMAND,
    ...words,
    '--folder',
    join(root, 'ana'),
  ]

  test('she prints a page that only she can read, types three words, and is told that it counts', async () => {
    await (await newVault()).close()
    const page = join(root, 'kit.txt')
    const making = spawn(process.execPath, inVault('kit', 'make', '--page', page, '--json'), {
      stdio: 'pipe',
    })
    const answers: unknown[] = []
    let text = ''
    for await (const chunk of making.stdout) {
      text += String(chunk)
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
        const line = JSON.parse(text.slice(0, end))
        text = text.slice(end + 1)
        answers.push(line)
        if (line.ask === 'kit-shown') making.stdin.write('yes\n')
        if (line.ask === 'kit-words') {
          const words: string[] = answers.flatMap((said) => Reflect.get(Object(said), 'words') ?? [])
          making.stdin.write(`${line.positions.map((at: number) => words[at - 1]).join(' ')}\n`)
        }
      }
    }
    expect(answers.at(-1)).toMatchObject({ rehearsed: true, kit: { counts: true } })
    expect((await stat(page)).mode & 0o077).toBe(0)
    expect(await readFile(page, 'utf8')).toContain('muniment:kit?')
    const { stdout } = await promisify(execFile)(process.execPath, inVault('status', '--lang', 'fr'))
    expect(stdout).toMatch(/Kit [\dA-F-]{14} compte/u)
  })

  test('a word that she mistyped is named with its place and what it may be, in her language', async () => {
    const vault = await newVault()
    const { words } = await vault.makeKit()
    await vault.close()
    const file = join(root, 'words')
    await writeFile(file, words.with(4, `${words[4]?.slice(0, 3) ?? ''}qq`).join(' '))
    const rehearsing = promisify(execFile)(
      process.execPath,
      inVault('kit', 'rehearse', '--words-file', file, '--lang', 'fr'),
    )
    await expect(rehearsing).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('Le mot 5') })
  })
})
