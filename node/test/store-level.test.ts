import { storeCompliance } from '@muniment/compliance'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { openLevelStore } from 'muniment/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatLine } from '../src/store/store-folder.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const components = { cryptography, random }

let folders: string
beforeAll(async () => {
  folders = await mkdtemp(join(tmpdir(), 'muniment-'))
})
afterAll(async () => {
  await rm(folders, { recursive: true, force: true })
})

let opened = 0
storeCompliance('a store on disk', () =>
  openLevelStore(join(folders, `store ${opened++}`), { key: random(32), ...components }),
)

describe('a store on disk', () => {
  it('what was committed is there when the store is opened again', async () => {
    const [folder, key] = [join(await temporaryFolder(), 'store'), random(32)]
    const first = await openLevelStore(folder, { key, ...components })
    await first.commit([{ table: 'notes', key: 'rent', value: Uint8Array.of(9) }])
    await first.close()
    const second = await openLevelStore(folder, { key, ...components })

    expect(await second.get('notes', 'rent')).toEqual(Uint8Array.of(9))
    await second.close()
  })

  it('who only wants to open a store does not make one', async () => {
    const folder = join(await temporaryFolder(), 'store')

    await expect(
      openLevelStore(folder, { key: random(32), ...components, create: false }),
    ).rejects.toMatchObject({
      code: 'ERR_NO_VAULT',
    })
    await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('a second process is told that the first one has the store open', async () => {
    const [folder, key] = [join(await temporaryFolder(), 'store'), random(32)]
    const first = await openLevelStore(folder, { key, ...components })

    await expect(openLevelStore(folder, { key, ...components })).rejects.toMatchObject({
      code: 'ERR_STORE_LOCKED',
    })
    await first.commit([{ table: 'notes', key: 'rent', value: Uint8Array.of(9) }])
    await first.close()
  })

  it('a store of a newer version is refused and not touched', async () => {
    const [folder, key] = [join(await temporaryFolder(), 'store'), random(32)]
    await (await openLevelStore(folder, { key, ...components })).close()
    await writeFile(join(folder, 'muniment-store'), formatLine(2))
    const before = await contentsOf(folder)

    await expect(openLevelStore(folder, { key, ...components })).rejects.toMatchObject({
      code: 'ERR_STORE_NEWER',
    })
    expect(await contentsOf(folder)).toEqual(before)
  })

  it('a key of another store opens nothing', async () => {
    const folder = join(await temporaryFolder(), 'store')
    await (await openLevelStore(folder, { key: random(32), ...components })).close()

    await expect(openLevelStore(folder, { key: random(32), ...components })).rejects.toMatchObject({
      code: 'ERR_KEY_UNKNOWN',
    })
  })

  it('a folder with other files in it is left alone', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'letter.txt'), 'dear landlord')

    await expect(openLevelStore(folder, { key: random(32), ...components })).rejects.toMatchObject({
      code: 'ERR_ALREADY_EXISTS',
    })
    expect(await readdir(folder)).toEqual(['letter.txt'])
  })

  it('a folder that cannot be written to is named as such', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'file'), '')

    await expect(
      openLevelStore(join(folder, 'file', 'store'), { key: random(32), ...components }),
    ).rejects.toMatchObject({ code: 'ERR_STORE_NOT_WRITABLE' })
  })

  it('what a creation that was cut off left behind does not stand in the way', async () => {
    const folder = join(await temporaryFolder(), 'store')
    await openLevelStore(`${folder}.new`, { key: random(32), ...components }).then((store) => store.close())
    const store = await openLevelStore(folder, { key: random(32), ...components })

    await store.close()
    await expect(stat(`${folder}.new`)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('no value, table or name is on the disk in readable form', async () => {
    const [folder, key] = [join(await temporaryFolder(), 'store'), random(32)]
    const store = await openLevelStore(folder, { key, ...components })
    const canary = (index: number): string => `CANARY-${index}-of-alice`
    await store.commit(
      Array.from({ length: 64 }, (_, index) => ({
        table: canary(index),
        key: canary(index),
        value: new TextEncoder().encode(canary(index)),
      })),
    )
    await store.close()

    for (const file of await contentsOf(folder)) {
      for (const form of ['latin1', 'utf16le', 'base64', 'hex'] as const) {
        expect(file.bytes.includes(Buffer.from(Buffer.from('CANARY').toString(form)))).toBe(false)
      }
      expect(file.bytes.includes(Buffer.from('CANARY', 'utf16le'))).toBe(false)
    }
  })
})

async function contentsOf(folder: string): Promise<{ name: string; bytes: Buffer }[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  return Promise.all(
    names
      .filter((entry) => entry.isFile() && entry.name !== 'reserve')
      .map(async ({ parentPath, name }) => ({ name, bytes: await readFile(join(parentPath, name)) })),
  )
}
