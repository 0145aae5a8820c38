import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MemoryLevel } from 'memory-level'
import { nodeRandom as random } from 'muniment/platform'
import { describe, expect, it, vi } from 'vitest'
import { diskEngine, type DiskEngineInit, type SyncedLevel } from '../src/store/disk-engine.ts'
import { LOOK_FOR_ROOM, RESERVE_BYTES, ROOM_TO_WORK } from '../src/store/constants.ts'
import { diskRoom } from '../src/store/disk-room.ts'
import { temporaryFolder } from './support/temporary-folder.ts'
import { type TestingClock, unsafeTestingClock } from './support/testing-clock.ts'

const NO_SPACE = 'IO error: 000003.log: No space left on device'
const ROW = { key: Uint8Array.of(1, 1), value: Uint8Array.of(1) }
const NEXT = { key: Uint8Array.of(2, 2), value: Uint8Array.of(2) }

/** What the disk does with the next write: takes it, takes it and then fails, or has no room. */
type Disk = 'room' | 'written but not confirmed' | 'full'

async function unsafeTestingDisk(): Promise<{
  init: DiskEngineInit
  set(disk: Disk): void
  openings(): number
  readonly reserve: string
  /** Bytes free by the disk's own count. */
  free: number
  readonly clock: TestingClock
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
  const clock = unsafeTestingClock()
  const reserve = join(folder, 'reserve')
  const counted = { free: Number.MAX_SAFE_INTEGER }
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
      room: diskRoom({ reserve, clock, free: async () => counted.free }),
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
    reserve,
    clock,
    get free() {
      return counted.free
    },
    set free(bytes) {
      counted.free = bytes
    },
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

    await expect(stat(disk.reserve)).rejects.toMatchObject({ code: 'ENOENT' })
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

  it('is told how much room is needed, and is not tried again before there is so much', async () => {
    const disk = await unsafeTestingDisk()
    const engine = await diskEngine(disk.init)
    disk.set('full')
    disk.free = 1_000_000
    await engine.write([ROW]).catch(() => undefined)
    const before = disk.openings()

    expect(disk.init.room.readOnly).toEqual({
      why: 'disk full',
      neededBytes: ROOM_TO_WORK + 1 - 1_000_000,
      words: 'read-only: disk full, 14 MB needed',
    })
    await expect(engine.write([NEXT])).rejects.toMatchObject({
      code: 'ERR_STORE_FULL',
      message: 'read-only: disk full, 14 MB needed; nothing was changed',
    })
    expect(disk.openings()).toBe(before)
    disk.set('room')
    disk.free = 2 * ROOM_TO_WORK
    await engine.write([NEXT])
    expect(disk.init.room.readOnly).toBeUndefined()
    expect((await stat(disk.reserve)).size).toBe(RESERVE_BYTES)
  })

  it('is writable again by itself once there is room, with its reserve made again', async () => {
    const disk = await unsafeTestingDisk()
    const engine = await diskEngine(disk.init)
    disk.set('full')
    disk.free = 0
    await engine.write([ROW]).catch(() => undefined)
    disk.clock.advance(LOOK_FOR_ROOM)
    await Promise.resolve()
    expect(disk.init.room.readOnly).toBeDefined()
    disk.free = 2 * ROOM_TO_WORK
    await vi.waitFor(() => {
      disk.clock.advance(LOOK_FOR_ROOM)
      expect(disk.init.room.readOnly).toBeUndefined()
    })

    await vi.waitFor(async () => expect((await stat(disk.reserve)).size).toBe(RESERVE_BYTES))
    await engine.close()
  })
})
