import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { eachSeed } from '@muniment/compliance'
import fc from 'fast-check'
import { MemoryLevel } from 'memory-level'
import { nodeRandom as random } from 'muniment/platform'
import { describe, expect, it } from 'vitest'
import { diskEngine, type SyncedLevel } from '../src/store/disk-engine.ts'
import { diskRoom } from '../src/store/disk-room.ts'
import type { Engine } from '../src/store/engine.ts'
import { temporaryFolder } from './support/temporary-folder.ts'
import { unsafeTestingClock } from './support/testing-clock.ts'

const RUNS = 200
const FAILURE = 'IO error: 000003.log: Input/output error'

/** What the disk does when it is asked next: works, fails before anything is written, or fails after it was. */
type Answer = 'works' | 'fails' | 'writes and fails'

/** A disk that answers as it is told to, in turn, and works once there is no more answer. */
async function failingEngine(answers: Answer[]): Promise<Engine> {
  const folder = join(await temporaryFolder(), 'level')
  await mkdir(folder)
  const rows = new MemoryLevel<Uint8Array, Uint8Array>({
    keyEncoding: 'view',
    valueEncoding: 'view',
    storeEncoding: 'view',
  })
  await rows.open()
  // What LevelDB does after a write that failed: it takes no more until it is opened anew.
  const state = { isBroken: false, isOpened: false }
  const level = new Proxy(rows, {
    get(target, name) {
      if (name === 'close') return async () => undefined
      if (name === 'batch') {
        return async (operations: Parameters<SyncedLevel['batch']>[0]) => {
          const answer = state.isBroken ? 'fails' : (answers.shift() ?? 'works')
          if (answer !== 'fails') await target.batch(operations)
          if (answer === 'works') return
          state.isBroken = true
          throw new Error(FAILURE)
        }
      }
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  }) as unknown as SyncedLevel
  return diskEngine({
    folder,
    room: diskRoom({ reserve: join(folder, 'reserve'), clock: unsafeTestingClock() }),
    random,
    openLevel: async () => {
      if (state.isOpened && answers.shift() === 'fails') throw new Error(FAILURE)
      state.isBroken = false
      state.isOpened = true
      return level
    },
  })
}

describe('a store on a disk that fails now and then', () => {
  it('has every write that was acknowledged, and none that was refused while the disk could be asked', async () => {
    const answer = fc.constantFrom<Answer>('works', 'fails', 'writes and fails')
    await eachSeed((seed) =>
      fc.assert(
        fc.asyncProperty(fc.array(answer, { maxLength: 30 }), async (answers) => {
          const hadFailingOpening = answers.includes('fails')
          const engine = await failingEngine([...answers])
          const acknowledged = new Map<number, boolean>()
          for (let write = 1; write <= 12; write++) {
            const row = { key: Uint8Array.of(write, write), value: Uint8Array.of(write) }
            const isKept = await engine.write([row]).then(
              () => true,
              () => false,
            )
            acknowledged.set(write, isKept)
          }
          for (const [write, isKept] of acknowledged) {
            const value = await readWhenItWorks(engine, Uint8Array.of(write, write))
            if (isKept) expect(value).toEqual(Uint8Array.of(write))
            else if (!hadFailingOpening) expect(value).toBeUndefined()
          }
        }),
        { numRuns: RUNS, seed },
      ),
    )
  })
})

/** The answers that are left may still be failures. */
async function readWhenItWorks(engine: Engine, key: Uint8Array): Promise<Uint8Array | undefined> {
  for (;;) {
    try {
      return await engine.get(key)
    } catch {
      // The next opening is another answer.
    }
  }
}
