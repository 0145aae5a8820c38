import { createHash } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fromCanonical, toCanonical } from '@muniment/crypto'
import { describe, expect, it } from 'vitest'
import { createVault, openVault } from '../src/index.ts'
import { guarded, unguarded } from '../src/store/guarded-bytes.ts'
import { flipBit } from '../src/store/level-files/correct-bit.ts'
import { formatLine } from '../src/store/store-folder.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

/** What a newer Muniment may have changed, each in a file that tells its version. */
const NEWER: readonly [string, (folder: string) => Promise<void>][] = [
  [
    'folder',
    (folder) => writeFile(join(folder, 'muniment.json'), '{"version":2,"kind":"person","novelty":[1]}'),
  ],
  ['store', (folder) => writeFile(join(folder, 'store', 'muniment-store'), formatLine(2))],
  [
    'key header',
    async (folder) => {
      const path = join(folder, 'key.header')
      const fields = fromCanonical(unguarded(await readFile(path), 'the header'))
      await writeFile(path, guarded(toCanonical({ ...Object(fields), format: 2, novelty: true })))
    },
  ],
]

async function newVault(): Promise<string> {
  const folder = join(await temporaryFolder(), 'vault')
  const vault = await createVault({ folder, name: 'Laptop' })
  await vault.note('Kept')
  await vault.close()
  return folder
}

/** Every file with a hash of its bytes, and when it was last changed. */
async function contentOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true })
  const lines = names.map(async (name) => {
    const found = await stat(join(folder, name))
    const bytes = found.isFile() ? await readFile(join(folder, name)) : ''
    return `${name} ${createHash('sha256').update(bytes).digest('hex')} ${found.mtimeMs} ${found.mode}`
  })
  return (await Promise.all(lines)).toSorted()
}

describe('what a newer version of Muniment wrote', () => {
  it.each(NEWER)('is left as it is, bit for bit: the %s', async (_what, renew) => {
    const folder = await newVault()
    await renew(folder)
    const before = await contentOf(folder)

    await expect(openVault({ folder })).rejects.toMatchObject({ code: 'ERR_STORE_NEWER' })
    expect(await contentOf(folder)).toEqual(before)
  })

  it.each(NEWER)('is not mended either when it is damaged: the %s', async (_what, renew) => {
    const folder = await newVault()
    await renew(folder)
    for (const name of ['keyring', 'device', join('store', 'level', 'CURRENT')]) {
      const bytes = await readFile(join(folder, name))
      flipBit(bytes, 3)
      await writeFile(join(folder, name), bytes)
    }
    const before = await contentOf(folder)

    await expect(openVault({ folder })).rejects.toMatchObject({ code: 'ERR_STORE_NEWER' })
    expect(await contentOf(folder)).toEqual(before)
  })
})
