import { execFile } from 'node:child_process'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { base64url, fromBase64url } from '@muniment/crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  collectFragments,
  createVault,
  type NewGuardians,
  type PersonVault,
  type RestoredVault,
  restoreVault,
} from '../src/index.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const COMMAND = [
  '--conditions=@muniment/source',
  fileURLToPath(new URL('../src/cli/main.ts', import.meta.url)),
]
/** Milliseconds for commands from source, on a machine that does much else. */
const PATIENCE = 60_000
const NAMES = ['Bob', 'Carol', 'Dave']
const LINK = 'muniment:fragment?v=1&f='
let root: string
let drive: string
let bare: string
let vault: PersonVault

beforeEach(async () => {
  root = await temporaryFolder()
  drive = join(root, 'drive')
  bare = join(root, 'bare')
  vault = await createVault({ folder: join(root, 'laptop'), name: 'Laptop' })
  await vault.addReplica({ kind: 'folder', folder: drive })
  await vault.note('Flat', { rent: '900' })
  return () => vault.close()
})

const linksOf = ({ fragments }: NewGuardians): string[] => fragments.map(({ link }) => link)

async function restoredBy(links: readonly string[]): Promise<RestoredVault> {
  const { member } = await collectFragments(
    bare,
    links.map((fragment) => ({ fragment })),
  )
  if (!member) throw new TypeError('there are enough fragments')
  return restoreVault({
    folder: bare,
    name: 'New laptop',
    member,
    replicas: [{ kind: 'folder', folder: drive }],
  })
}

/** A fragment in which one byte of the share is another one. */
function forged(link: string): string {
  const bytes = fromBase64url(link.slice(LINK.length))
  bytes[bytes.length - 80] = (bytes[bytes.length - 80] ?? 0) ^ 1
  return LINK + base64url(bytes)
}

describe('the guardians of Ana', () => {
  test('two of three bring her vault back, whoever they are', async () => {
    const made = await vault.makeGuardians({ names: NAMES, threshold: 2 })
    expect(await vault.guardians()).toBeUndefined()
    await made.count()
    expect(await vault.guardians()).toMatchObject({ threshold: 2, guardians: NAMES, keyId: made.keyId })
    await vault.pushReplica('drive')
    const [bob = '', , dave = ''] = linksOf(made)
    const restored = await restoredBy([dave, bob])
    expect(await restored.vault.count()).toBe(1)
    expect(restored.report).toMatchObject({ removed: ['Laptop'] })
    expect(await restored.vault.guardians()).toMatchObject({ keyId: made.keyId })
    await restored.vault.close()
  })

  test('their fragments are collected over several calls, in any order; a forged one is named and not kept', async () => {
    const made = await vault.makeGuardians({ names: NAMES, threshold: 2 })
    await made.count()
    const [bob = '', carol = '', dave = ''] = linksOf(made)
    expect(await collectFragments(bare, [{ fragment: carol }])).toEqual({ here: 1, needed: 2, problems: [] })
    expect(await collectFragments(bare, [{ from: 'Dave', fragment: forged(dave) }])).toMatchObject({
      here: 1,
      needed: 2,
      problems: [{ code: 'fragment_damaged', guardian: 'Dave' }],
    })
    expect(await collectFragments(bare, [{ fragment: carol }])).toEqual({ here: 1, needed: 2, problems: [] })
    const enough = await collectFragments(bare, [{ fragment: bob }])
    expect(enough).toMatchObject({ here: 2, member: { kind: 'guardians', keyId: made.keyId } })
  })

  test('are replaced only by the kit or by themselves, and then open nothing any more', async () => {
    const kit = await vault.makeKit()
    await kit.answer(kit.positions.map((position) => kit.words[position - 1] ?? ''))
    const first = await vault.makeGuardians({ names: NAMES, threshold: 2 })
    await first.count()
    await vault.pushReplica('drive')
    const second = await vault.makeGuardians({ names: ['Erin', 'Frank'], threshold: 2 })
    expect(second.replaces).toBe(true)
    await expect(second.count()).rejects.toMatchObject({ code: 'ERR_USAGE' })
    await second.count({ replacing: kit.words.join(' ') })
    const third = await vault.makeGuardians({ names: NAMES, threshold: 3 })
    await expect(third.count({ replacingFragments: linksOf(first) })).rejects.toMatchObject({
      code: 'ERR_NOT_A_MEMBER',
    })
    await third.count({ replacingFragments: linksOf(second) })
    expect(await vault.guardians()).toMatchObject({ threshold: 3, guardians: NAMES })
    await vault.pushReplica('drive')
    await expect(restoredBy(linksOf(first).slice(0, 2))).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    await rm(join(root, '.bare.unfinished.fragments'))
    const { vault: back } = await restoredBy(linksOf(third))
    expect(await back.count()).toBe(1)
    await back.close()
  })

  test('get their fragments sealed to their own devices, and nobody else opens them', async () => {
    const bobs = await createVault({ folder: join(root, 'bob'), name: 'Bob’s phone' })
    const { fragments } = await vault.makeGuardians({ names: NAMES, threshold: 2 })
    const sealed = (await fragments[0]?.sealTo(bobs.guardianKey())) ?? ''
    expect(await bobs.openSealed(sealed)).toBe(fragments[0]?.link)
    await expect(vault.openSealed(sealed)).rejects.toMatchObject({ code: 'ERR_SEAL_OPEN' })
    await expect(fragments[0]?.sealTo('a key')).rejects.toMatchObject({ code: 'ERR_MALFORMED' })
    await bobs.close()
  })
})

test(
  'by the command she writes a page for each, loses everything, and two of them bring the vault back',
  { timeout: PATIENCE },
  async () => {
    await vault.close()
    const muniment = async (folder: string, ...words: readonly string[]): Promise<string> => {
      const all = [...COMMAND, ...words, '--folder', folder]
      return (await promisify(execFile)(process.execPath, all)).stdout
    }
    const [ana, pages] = [join(root, 'laptop'), join(root, 'pages')]
    await muniment(ana, 'guardian', 'add', ...NAMES, '--threshold', '2', '--pages', pages)
    expect(await muniment(ana, 'guardian', 'list', '--lang', 'fr')).toContain('Bob, Carol, Dave')
    await muniment(ana, 'replica', 'push')
    await rm(ana, { recursive: true })
    expect((await readdir(pages)).sort()).toContain('2 Carol.txt')
    const page = (name: string): string => join(pages, `${name}.txt`)
    const wrong = join(root, 'wrong.txt')
    const words = await readFile(page('1 Bob'), 'utf8')
    await writeFile(wrong, forged(/muniment:fragment\S+/u.exec(words)?.[0] ?? ''))
    await expect(muniment(bare, 'guardian', 'recover', wrong)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('wrong.txt'),
    })
    expect(JSON.parse(await muniment(bare, 'guardian', 'recover', page('3 Dave'), '--json'))).toMatchObject({
      here: 1,
      needed: 2,
    })
    const place = ['--replica', `folder:${drive}`, '--key-file', '--json']
    const back = JSON.parse(await muniment(bare, 'guardian', 'recover', page('2 Carol'), ...place))
    expect(back).toMatchObject({ records: 1, removed: ['Laptop'] })
    expect(await readdir(root)).not.toContain('.bare.unfinished.fragments')
  },
)
