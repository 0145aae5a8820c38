import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { eachSeed, patience } from '@muniment/compliance'
import fc from 'fast-check'
import { createVault, openVault } from 'muniment'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ofx } from './support/ofx.ts'
import { contentOf } from './support/vault-content.ts'

/** Flips tried with each seed: 50 seeds make the 500 of the deep lane. */
const FLIPS = 10
/** Files whose bytes mean nothing: LevelDB's lock and its diary, and room kept for a full disk. */
const OF_NO_MEANING = new Set(['LOCK', 'LOG', 'LOG.old', 'reserve'])

let root: string
let whole: string
let content: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'muniment-flips-'))
  whole = join(root, 'whole')
  const vault = await createVault({ folder: whole, name: 'Laptop' })
  await vault.import(await statement())
  const ids = []
  for (let note = 0; note < 40; note++) ids.push(await vault.note(`Note ${note}`))
  await vault.close()
  const again = await openVault({ folder: whole })
  for (const id of ids.slice(0, 20)) await again.edit(id, { fields: { seen: true } })
  content = await contentOf(again)
  await again.close()
})
afterAll(() => rm(root, { recursive: true, force: true }))

describe('a vault on a disk that flips bits', () => {
  it(
    'shows everything as it was, whichever bit was flipped, and keeps what it found',
    { timeout: patience(60_000) },
    async () => {
      const files = await filesThatCount(whole)
      for (const name of ['muniment.json', 'key.header', 'key.file', 'keyring', 'muniment-store', 'CURRENT'])
        expect(files.map((file) => basename(file))).toContain(name)
      await eachSeed((seed) =>
        fc.assert(
          fc.asyncProperty(fc.constantFrom(...files), fc.nat(), async (name, place) => {
            const folder = join(root, 'flipped')
            await rm(folder, { recursive: true, force: true })
            await cp(whole, folder, { recursive: true })
            const bytes = await readFile(join(folder, name))
            const bit = place % (bytes.length * 8)
            bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
            await writeFile(join(folder, name), bytes)
            const vault = await openVault({ folder })

            expect(await contentOf(vault), `bit ${bit} of ${name}`).toBe(content)
            await vault.close()
            const kept = await keptFiles(folder)
            // The mark of an orderly end is made anew each time; without it less is known, and nothing is wrong.
            if (!name.endsWith('closed')) expect(kept, `bit ${bit} of ${name}`).toContain(basename(name))
          }),
          { numRuns: FLIPS, seed },
        ),
      )
    },
  )
})

async function filesThatCount(folder: string): Promise<string[]> {
  const files: string[] = []
  for (const name of await readdir(folder, { recursive: true })) {
    const { size } = await stat(join(folder, name)).then((found) => (found.isFile() ? found : { size: 0 }))
    if (size > 0 && !OF_NO_MEANING.has(basename(name))) files.push(name)
  }
  return files
}

async function keptFiles(folder: string): Promise<string[]> {
  const aside = (await readdir(folder)).filter((name) => name.startsWith('damaged-'))
  const names = await Promise.all(aside.map((name) => readdir(join(folder, name), { recursive: true })))
  return names.flat().map((name) => basename(name))
}

async function statement(): Promise<string> {
  const path = join(root, 'march.ofx')
  const lines = Array.from(
    { length: 30 },
    (_, day) =>
      `<STMTTRN><TRNTYPE>OTHER<DTPOSTED>202603${String(1 + (day % 28)).padStart(2, '0')}<TRNAMT>-${day}.00<FITID>${day}<NAME>Shop ${day}</STMTTRN>`,
  )
  await writeFile(path, ofx(lines.join('')))
  return path
}
