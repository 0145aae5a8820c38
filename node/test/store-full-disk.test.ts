import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MemoryLevel } from 'memory-level'
import { nodeRandom as random } from 'muniment/platform'
import { describe, expect, it } from 'vitest'
import { diskEngine, type DiskEngineInit, type SyncedLevel } from '../src/store/disk-engine.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const NO_SPACE = 'IO error: 000003.log: No space left on device'
const ROW = { key: Uint8Array.of(1, 1), value: Uint8Array.of(1) }
const NEXT = { key: Uint8Array.of(2, 2), value: Uint8Array.of(2) }

/** What the disk does with the next write: takes it, takes it and then fails, or has no room. */
type Disk = 'room' | 'written but not confirmed' | 'full'

async function unsafeTestingDisk(): Promise<{
  init: DiskEngineInit
  set(disk: Disk): void
  openings(): number
}> {
  const folder = await temporaryFolder()
  const rows = new MemoryLevel<Uint8Array, Uint8Array>({
    keyEncoding: 'view',
    valueEncoding: 'view',
    storeEncoding: 'view',
  })
  await rows.open()
  await mkdir(join(folder, 'level'))
  await writeFile(join(folder, 'reserve'), 'room')
  let disk: Disk = 'room'
  let openings = 0
  const level = new Proxy(rows, {
    get(target, name) {
      if (name === 'close') return async () => undefined
      if (name === 'batch') {
        return async (operations: Parameters<SyncedLevel['batch']>[0]) => {
          if (disk !== 'full') await target.batch(operations)
          if (disk !== 'room') throw new Error(NO_SPACE)
        }
      }
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  }) as unknown as SyncedLevel
  return {
    init: {
      folder: join(folder, 'level'),
      reserve: join(folder, 'reserve'),
      random,
      openLevel: async () => {
        openings++
        return level
      },
    },
    set: (next) => {
      disk = next
    },
    openings: () => openings,
  }
}

describe('a store whose disk is full', () => {
  it('refuses the write with a code and has changed nothing', async () => {
    const disk = await unsafeTestingDisk()
    const engine = await diskEngine(disk.init)
    disk.set('full')

    await expect(engine.write([ROW])).rejects.toMatchObject({ code: 'ERR_STORE_FULL' })
    expect(await engine.get(ROW.key)).toBeUndefined()
  })

  it('gives up its reserve and opens the database anew, whose log can no longer be trusted', async () => {
    const disk = await unsafeTestingDisk()
    const engine = await diskEngine(disk.init)
    disk.set('full')
    await engine.write([ROW]).catch(() => undefined)

    await expect(stat(disk.init.reserve)).rejects.toMatchObject({ code: 'ENOENT' })
    expect(disk.openings()).toBeGreaterThan(1)
  })

  it('takes the next write when there is room again', async () => {
    const disk = await unsafeTestingDisk()
    const engine = await diskEngine(disk.init)
    disk.set('full')
    await engine.write([ROW]).catch(() => undefined)
    disk.set('room')
    await engine.write([NEXT])

    expect(await engine.get(NEXT.key)).toEqual(NEXT.value)
    expect(await engine.get(ROW.key)).toBeUndefined()
  })

  it('acknowledges a write that failed late and turns out to be there', async () => {
    const disk = await unsafeTestingDisk()
    const engine = await diskEngine(disk.init)
    disk.set('written but not confirmed')

    await expect(engine.write([ROW])).resolves.toBeUndefined()
    expect(await engine.get(ROW.key)).toEqual(ROW.value)
  })
})
