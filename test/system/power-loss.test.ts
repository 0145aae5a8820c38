import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { fileKeyring, openLevelStore } from 'muniment/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Model, writeCrashState } from './support/crash-state.ts'
import { acknowledged, pick, recordRun, seededDice, tellingMoments } from './support/recorded-run.ts'
import type { FileCall } from './support/system-calls.ts'
import { rowValue, WRITTEN_KEY } from './support/written-rows.ts'

/** Crash states of both models together: a thousand in the deep lane. */
const STATES = 20 * Number(process.env['MUNIMENT_SCALE'] ?? 1)
const SEED = Number(process.env['MUNIMENT_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const ROWS = 1200
const init = { key: WRITTEN_KEY, cryptography, random }
const WRITER = fileURLToPath(new URL('support/store-writer.ts', import.meta.url))

let folder: string
let root: string
let calls: FileCall[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muniment-power-'))
  root = join(folder, 'disk')
  await mkdir(root)
  calls = await recordRun(WRITER, { folder, root, words: [String(ROWS)] })
}, 300_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each<Model>(['ext4', 'strict'])('after power loss on a file system of the %s kind', (model) => {
  it(`nothing that was acknowledged is lost (seed ${SEED})`, { timeout: 2 ** 31 - 1 }, async () => {
    const dice = seededDice(SEED + (model === 'strict' ? 1 : 0))
    const telling = tellingMoments(calls, root)
    expect(telling.length).toBeGreaterThan(3)
    for (let state = 0; state < STATES / 2; state++) {
      const end = state % 2 === 0 ? Math.floor(dice() * calls.length) : pick(telling, dice)
      const to = join(folder, 'crashed')
      await writeCrashState(calls, { end, root, to, model, dice })
      const { row, keyring } = acknowledgedBefore(end)

      expect(await keptRows(to), `state ${state} of seed ${SEED}, call ${end}`).toBeGreaterThanOrEqual(row)
      expect(await keptKeyring(to), `state ${state} of seed ${SEED}, call ${end}`).toBeGreaterThanOrEqual(
        keyring,
      )
    }
  })
})

function acknowledgedBefore(end: number): { row: number; keyring: number } {
  const found = { row: -1, keyring: -1 }
  for (const text of acknowledged(calls, root, end)) {
    const number = Number(text.slice(1))
    if (text.startsWith('k')) found.keyring = Math.max(found.keyring, number)
    else found.row = Math.max(found.row, number)
  }
  return found
}

/** The number of the last row, after checking that every row up to it is there and right; −1 without a store. */
async function keptRows(disk: string): Promise<number> {
  const isThere = await stat(join(disk, 'store')).catch(() => undefined)
  if (!isThere) return -1
  const store = await openLevelStore(join(disk, 'store'), { ...init, create: false })
  try {
    const head = await store.get('heads', 'last')
    const last = head ? ((head[0] ?? 0) << 8) | (head[1] ?? 0) : -1
    for (let number = 0; number <= last; number++) {
      expect(
        Buffer.from(rowValue(number)).equals((await store.get('log', number)) ?? new Uint8Array(0)),
      ).toBe(true)
    }
    return last
  } finally {
    await store.close()
  }
}

async function keptKeyring(disk: string): Promise<number> {
  const bytes = await fileKeyring(join(disk, 'keyring'), init).read()
  if (!bytes) return -1
  for (let row = 0; row < ROWS; row++) if (Buffer.from(rowValue(row)).equals(bytes)) return row
  throw new Error('the keyring is not one that was ever written')
}
