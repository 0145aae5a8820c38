import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
let tree: string

beforeEach(async () => {
  tree = await mkdtemp(join(root, 'test', '.planted-'))
})
afterEach(() => rm(tree, { recursive: true }))

async function plant(file: string, text: string): Promise<void> {
  const path = join(tree, file)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

/** What the import rules say of the planted tree. */
function cruise(): Promise<string> {
  const program = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs')
  const words = [
    program,
    'packages',
    '--config',
    join(root, '.dependency-cruiser.cjs'),
    '--output-type',
    'err',
  ]
  return new Promise((resolve) => {
    execFile(process.execPath, words, { cwd: tree }, (_error, stdout, stderr) => resolve(stdout + stderr))
  })
}

it('refuses an import against the direction: crypto cannot reach into the vault', async () => {
  await plant('packages/vault/src/index.ts', 'export const vault = 1\n')
  await plant('packages/crypto/src/planted.ts', "export { vault } from '../../vault/src/index.ts'\n")
  expect(await cruise()).toMatch(/direction-of-packages\/crypto.*planted\.ts/u)
})

it('refuses an import through the wrong door: only the vault knows Yjs', async () => {
  await plant('packages/log/src/planted.ts', "export { Doc } from 'yjs'\n")
  expect(await cruise()).toMatch(/door-of-yjs.*planted\.ts/u)
})

it('refuses the platform in a package that also runs in a browser', async () => {
  await plant('packages/log/src/planted.ts', "export { readFileSync } from 'node:fs'\n")
  expect(await cruise()).toMatch(/no-platform-outside-node.*planted\.ts/u)
})

it('lets an import in the right direction pass', async () => {
  await plant('packages/crypto/src/index.ts', 'export const crypto = 1\n')
  await plant('packages/vault/src/planted.ts', "export { crypto } from '../../crypto/src/index.ts'\n")
  expect(await cruise()).toContain('no dependency violations found')
})
