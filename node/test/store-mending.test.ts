import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { eachSeed, patience } from '@muniment/compliance'
import fc from 'fast-check'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { openLevelStore, type StoreDamage } from 'muniment/store'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/temporary-folder.ts'

const RUNS = 20
const ROWS = 300
const VALUE = 200
const components = { cryptography, random }
/** Files whose bits change nothing, and the one that names the version. */
const OTHERS = ['LOCK', 'LOG', 'LOG.old', 'reserve', 'closed']

/** A store with rows in a table file and in a log, each row written twice. */
async function filledStore(): Promise<{ folder: string; key: Uint8Array }> {
  const [folder, key] = [join(await temporaryFolder(), 'store'), random(32)]
  for (const round of [0, 1]) {
    const store = await openLevelStore(folder, { key, ...components })
    for (let index = 0; index < ROWS; index++) {
      await store.commit([{ table: 'log', key: index, value: valueOf(index, round) }])
    }
    await store.close()
  }
  return { folder, key }
}

function valueOf(index: number, round: number): Uint8Array {
  return new Uint8Array(VALUE).fill((index + 100 * round) % 256)
}

/** Opens the store, mended; counts the rows that are as they were last written or first, and those that are not there. */
async function mended(
  folder: string,
  key: Uint8Array,
): Promise<{ right: number; old: number; gone: number; damage: StoreDamage | undefined }> {
  let damage: StoreDamage | undefined
  const store = await openLevelStore(folder, {
    key,
    ...components,
    create: false,
    mending: {
      aside: `${folder}-damaged`,
      mayLoseRows: true,
      onDamage: (found) => {
        damage = found
      },
    },
  })
  const counts = { right: 0, old: 0, gone: 0 }
  for (let index = 0; index < ROWS; index++) {
    const value = await store.get('log', index)
    const isRight = value !== undefined && Buffer.from(valueOf(index, 1)).equals(value)
    if (value && !isRight) expect(value, `row ${index}`).toEqual(valueOf(index, 0))
    counts[isRight ? 'right' : value ? 'old' : 'gone']++
  }
  await store.close()
  return { ...counts, damage }
}

async function filesThatCount(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  const files: string[] = []
  for (const name of names) {
    const isFile = (await stat(join(folder, name))).isFile()
    if (isFile && !OTHERS.some((other) => name.endsWith(other))) files.push(name)
  }
  return files
}

async function largest(folder: string, names: readonly string[]): Promise<string> {
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return names[sizes.indexOf(Math.max(...sizes))] ?? ''
}

async function freshCopy(folder: string): Promise<string> {
  const copy = `${folder} copy`
  for (const path of [copy, `${copy}-damaged`]) await rm(path, { recursive: true, force: true })
  await cp(folder, copy, { recursive: true })
  return copy
}

async function change(path: string, to: (bytes: Buffer) => Buffer): Promise<void> {
  await writeFile(path, to(await readFile(path)))
}

describe('a store on a disk that flips bits, opened to be mended', () => {
  it(
    'has every row as it was, whichever bit was flipped, says so, and keeps what it found',
    { timeout: patience(60_000) },
    async () => {
      const { folder, key } = await filledStore()
      const files = await filesThatCount(folder)
      expect(files.some((name) => name.endsWith('.ldb'))).toBe(true)
      await eachSeed((seed) =>
        fc.assert(
          fc.asyncProperty(fc.constantFrom(...files), fc.nat(), async (name, place) => {
            const copy = await freshCopy(folder)
            const before = await readFile(join(copy, name))
            if (before.length === 0) return
            const bit = place % (before.length * 8)
            const flipped = Buffer.from(before)
            flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
            await writeFile(join(copy, name), flipped)
            const { right, damage } = await mended(copy, key)

            expect(right, `bit ${bit} of ${name}`).toBe(ROWS)
            expect(damage?.lost).toBeUndefined()
            expect(damage?.corrected.length ?? 1).toBe(1)
            const kept = await readdir(`${copy}-damaged`, { recursive: true })
            expect(kept.some((one) => one.endsWith(basename(name)))).toBe(true)
            expect(await mended(copy, key)).toEqual({ right: ROWS, old: 0, gone: 0, damage: undefined })
          }),
          { numRuns: RUNS, seed },
        ),
      )
    },
  )
})

describe('a store of which more is damaged than single bits', () => {
  const cases: readonly [string, (name: string) => boolean, (bytes: Buffer) => Buffer][] = [
    [
      'a sector of a table is gone',
      isTable,
      (bytes) => bytes.fill(0, bytes.length >> 1, (bytes.length >> 1) + 512),
    ],
    ['a table is cut in half', isTable, (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['the manifest is gone', isManifest, () => Buffer.alloc(0)],
    ['the manifest is full of rubbish', isManifest, (bytes) => bytes.fill(0xa5)],
    [
      'a sector of the log is gone',
      isLog,
      (bytes) => bytes.fill(0, bytes.length >> 1, (bytes.length >> 1) + 512),
    ],
    ['the log is cut in half', isLog, (bytes) => bytes.subarray(0, bytes.length / 2)],
  ]
  it.each(cases)('opens when %s, and says that rows may be lost', async (_title, isIt, to) => {
    const { folder, key } = await filledStore()
    const copy = await freshCopy(folder)
    const name = await largest(copy, (await filesThatCount(copy)).filter(isIt))
    await change(join(copy, name), to)
    const { right, damage } = await mended(copy, key)

    expect(damage?.lost).toBeDefined()
    if (isManifest(name)) expect(right).toBe(ROWS)
    expect(right).toBeGreaterThan(0)
    expect((await mended(copy, key)).right).toBe(right)
    expect(await readdir(`${copy}-damaged`)).not.toEqual([])
  })

  it('is refused and left as it is by who must not go on with a part of it', async () => {
    const { folder, key } = await filledStore()
    const name = await largest(folder, (await filesThatCount(folder)).filter(isLog))
    await change(join(folder, name), (bytes) => bytes.subarray(0, bytes.length >> 1))
    const names = await readdir(folder, { recursive: true })
    const mending = { aside: `${folder}-damaged`, mayLoseRows: false, onDamage: () => undefined }

    await expect(openLevelStore(folder, { key, ...components, mending })).rejects.toMatchObject({
      code: 'ERR_STORE_DAMAGED',
    })
    expect((await readdir(folder, { recursive: true })).toSorted()).toEqual(names.toSorted())
  })

  it('is left as it is when nothing in it can be read', async () => {
    const { folder, key } = await filledStore()
    const files = await filesThatCount(folder)
    for (const name of files) await change(join(folder, name), (bytes) => bytes.fill(0x5a))

    await expect(mended(folder, key)).rejects.toMatchObject({ code: 'ERR_STORE_DAMAGED' })
    for (const name of files)
      expect((await readFile(join(folder, name))).every((byte) => byte === 0x5a)).toBe(true)
  })
})

function isTable(name: string): boolean {
  return name.endsWith('.ldb')
}
function isLog(name: string): boolean {
  return name.endsWith('.log')
}
function isManifest(name: string): boolean {
  return name.includes('MANIFEST')
}
