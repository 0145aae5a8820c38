import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { openLevelStore } from 'muniment/store'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/temporary-folder.ts'

/** What lies in the database of a closed store, as it is stored. */
async function storedValues(folder: string): Promise<Map<string, Buffer>> {
  const level = new ClassicLevel<string, Uint8Array>(join(folder, 'level'), {
    keyEncoding: 'hex',
    valueEncoding: 'view',
    compression: false,
  })
  const values = new Map<string, Buffer>()
  for await (const [key, value] of level.iterator()) values.set(key, Buffer.from(value))
  await level.close()
  return values
}

async function bytesOf(folder: string): Promise<Buffer> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = names.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name))
  return Buffer.concat(await Promise.all(files.map((file) => readFile(file))))
}

/** Fills a store in several sittings, so that its rows lie in the log, in fresh tables and in deep ones. */
async function filledStore(folder: string, key: Uint8Array): Promise<void> {
  for (let sitting = 0; sitting < 4; sitting++) {
    const store = await openLevelStore(folder, { key, cryptography, random })
    for (let row = 0; row < 40; row++) {
      const value = random(60_000)
      await store.commit([
        { table: `numbers ${sitting % 2}`, key: row, value },
        { table: 'names', key: `name ${row}`, value: value.subarray(0, 400) },
      ])
    }
    await store.close()
  }
}

describe('a store that is purged', () => {
  it('holds nothing in any file of what was overwritten or removed, and all of the rest', async () => {
    const folder = join(await temporaryFolder(), 'store')
    const key = random(32)
    await filledStore(folder, key)
    const before = await storedValues(folder)
    const store = await openLevelStore(folder, { key, cryptography, random })
    for (let row = 0; row < 40; row += 2) {
      await store.commit([
        { table: 'numbers 0', key: row, value: undefined },
        { table: 'numbers 1', key: row, value: Uint8Array.of(row) },
        { table: 'names', key: `name ${row}`, value: undefined },
      ])
    }
    await store.purge()
    expect(await store.get('numbers 0', 1)).toHaveLength(60_000)
    expect(await store.get('numbers 1', 2)).toEqual(Uint8Array.of(2))
    expect(await store.get('names', 'name 2')).toBeUndefined()
    await store.close()

    const after = await storedValues(folder)
    const gone = [...before]
      .filter(([name, value]) => !after.get(name)?.equals(value))
      .map(([, value]) => value)
    const bytes = await bytesOf(folder)
    expect(gone.length).toBeGreaterThan(50)
    // The nonce of a sealed row is nowhere else.
    expect(gone.filter((value) => bytes.includes(value.subarray(0, 24)))).toEqual([])
    const kept = [...before].filter(([name, value]) => after.get(name)?.equals(value))
    expect(kept.length).toBeGreaterThan(50)
  })

  it('waits for who reads, and writes wait for it', async () => {
    const folder = join(await temporaryFolder(), 'store')
    const store = await openLevelStore(folder, { key: random(32), cryptography, random })
    for (let row = 0; row < 20; row++)
      await store.commit([{ table: 'numbers', key: row, value: random(100) }])
    const seen: number[] = []
    const order: string[] = []
    let purged: Promise<void> | undefined
    for await (const { key } of store.list('numbers')) {
      purged ??= store.purge().then(() => void order.push('purged'))
      await store.commit([{ table: 'numbers', key, value: Uint8Array.of(1) }])
      seen.push(key)
    }
    order.push('read')
    await purged
    expect(order).toEqual(['read', 'purged'])
    expect(seen).toHaveLength(20)
    await Promise.all([store.purge(), store.commit([{ table: 'numbers', key: 99, value: random(1) }])])
    expect(await store.get('numbers', 99)).toHaveLength(1)
    await store.close()
  })
})
