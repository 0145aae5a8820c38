import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMunimentError } from '@muniment/interface'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { fileKeyring, openLevelStore } from 'muniment/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const DISK_MIB = 48
/** Room that is made later: enough for a compaction, which writes new tables before it removes the old ones. */
const BALLAST_MIB = 24
const VALUE = 40_000
const MORE_THAN_FITS = 2000

const init = { key: random(32), cryptography, random }
let disk: string

beforeAll(async () => {
  disk = await mkdtemp(join(tmpdir(), 'muniment-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', disk], { stdio: 'pipe' })
  } catch (cause) {
    throw new Error('This test mounts a small disk in memory: run it as root on Linux.', { cause })
  }
})
afterAll(async () => {
  execFileSync('umount', ['--lazy', disk])
  await rm(disk, { recursive: true, force: true })
})

describe('a person whose disk is full', () => {
  it(
    'is told so, keeps all that was acknowledged, and goes on when there is room',
    { timeout: 60_000 },
    async () => {
      const ballast = join(disk, 'ballast')
      await writeFile(ballast, new Uint8Array(BALLAST_MIB << 20))
      const folder = join(disk, 'store')
      const store = await openLevelStore(folder, init)
      const keyring = fileKeyring(join(disk, 'keyring'), init)
      await keyring.replace(Uint8Array.of(1))
      let kept = 0
      let refusal: unknown
      while (refusal === undefined && kept < MORE_THAN_FITS) {
        try {
          await store.commit([{ table: 'log', key: kept, value: new Uint8Array(VALUE).fill(kept) }])
          kept++
        } catch (error) {
          refusal = error
        }
      }

      expect(isMunimentError(refusal, 'ERR_STORE_FULL'), String(refusal)).toBe(true)
      await expect(keyring.replace(new Uint8Array(8 << 20))).rejects.toMatchObject({ code: 'ERR_STORE_FULL' })
      expect(await keyring.read()).toEqual(Uint8Array.of(1))
      await rm(ballast)
      await store.commit([{ table: 'log', key: kept, value: new Uint8Array(VALUE).fill(kept) }])
      await store.close()

      const again = await openLevelStore(folder, init)
      const numbers: number[] = []
      for await (const { key, value } of again.list('log')) {
        numbers.push(key)
        expect(value.every((byte) => byte === key % 256)).toBe(true)
      }
      await again.close()
      expect(numbers).toEqual(Array.from({ length: kept + 1 }, (_, index) => index))
    },
  )
})
