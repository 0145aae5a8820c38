import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { eachSeed, patience } from '@muniment/compliance'
import fc from 'fast-check'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { openLevelStore } from 'muniment/store'
import { describe, expect, it } from 'vitest'
import { crc32c } from '../src/store/level-files/crc32c.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const RUNS = 60
const ROWS = 300
/** Files that hold no row and no reference to one. */
const OF_NO_CONSEQUENCE = ['LOCK', 'LOG', 'LOG.old', 'reserve', 'closed']

const components = { cryptography, random }

/** A store with rows in a table file and in a log, closed in order or as a killed process leaves it. */
async function filledStore(): Promise<{ folder: string; key: Uint8Array }> {
  const [folder, key] = [join(await temporaryFolder(), 'store'), random(32)]
  for (const half of [0, 1]) {
    const store = await openLevelStore(folder, { key, ...components })
    for (let index = half; index < ROWS; index += 2) {
      await store.commit([{ table: 'log', key: index, value: new Uint8Array(200).fill(index % 256) }])
    }
    await store.close()
  }
  return { folder, key }
}

async function readAll(folder: string, key: Uint8Array): Promise<string> {
  let store
  try {
    store = await openLevelStore(folder, { key, ...components, create: false })
    for (let index = 0; index < ROWS; index++) {
      const value = await store.get('log', index)
      if (value?.length !== 200 || value.some((byte) => byte !== index % 256))
        return `wrong value of row ${index}`
    }
    return 'all rows are right'
  } catch (error) {
    return String(Reflect.get(Object(error), 'code'))
  } finally {
    await store?.close()
  }
}

describe('a store on a disk that flips bits', () => {
  it(
    'says that it is damaged, whichever bit of a file that counts was flipped',
    { timeout: patience(60_000) },
    async () => {
      const { folder, key } = await filledStore()
      const copy = `${folder} copy`
      const names = await readdir(folder, { recursive: true })
      const files: string[] = []
      for (const name of names) {
        const isFile = (await stat(join(folder, name))).isFile()
        if (isFile && !OF_NO_CONSEQUENCE.some((harmless) => name.endsWith(harmless))) files.push(name)
      }
      expect(files.some((name) => name.endsWith('.ldb'))).toBe(true)
      expect(files.some((name) => name.endsWith('.log'))).toBe(true)

      await eachSeed((seed) =>
        fc.assert(
          fc.asyncProperty(fc.constantFrom(...files), fc.nat(), async (name, place) => {
            await rm(copy, { recursive: true, force: true })
            await cp(folder, copy, { recursive: true })
            const bytes = await readFile(join(copy, name))
            if (bytes.length === 0) return
            const bit = place % (bytes.length * 8)
            bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
            await writeFile(join(copy, name), bytes)

            expect(['ERR_STORE_DAMAGED', 'ERR_STORE_NEWER', 'ERR_KEY_UNKNOWN']).toContain(
              await readAll(copy, key),
            )
          }),
          { numRuns: RUNS, seed },
        ),
      )
    },
  )

  it('opens when only what a killed process had begun to write is torn, and has all rows before it', async () => {
    const { folder, key } = await filledStore()
    await rm(join(folder, 'closed'))
    const log = (await readdir(join(folder, 'level'))).find((name) => name.endsWith('.log')) ?? ''
    const whole = await readFile(join(folder, 'level', log))
    await writeFile(join(folder, 'level', log), Buffer.concat([whole, whole.subarray(0, 100)]))

    expect(await readAll(folder, key)).toBe('all rows are right')
  })

  it('a log that was cut after the store was closed in order is damage', async () => {
    const { folder, key } = await filledStore()
    const log = (await readdir(join(folder, 'level'))).find((name) => name.endsWith('.log')) ?? ''
    const whole = await readFile(join(folder, 'level', log))
    await writeFile(join(folder, 'level', log), whole.subarray(0, whole.length / 2))

    expect(await readAll(folder, key)).toBe('ERR_STORE_DAMAGED')
  })

  it('a row that was moved to the place of another is damage', async () => {
    const { folder, key } = await filledStore()
    const level = new ClassicLevel<Uint8Array, Uint8Array>(join(folder, 'level'), {
      keyEncoding: 'view',
      valueEncoding: 'view',
      compression: false,
    })
    const rows = (await level.iterator({ limit: 3 }).all()).slice(1)
    const [[, moved], [place]] = rows as [[Uint8Array, Uint8Array], [Uint8Array, Uint8Array]]
    await level.put(place, moved)
    await level.close()

    expect(await readAll(folder, key)).toBe('ERR_STORE_DAMAGED')
  })

  it('the checksum is the one that the standard gives for its example', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
  })
})
