import { execFile, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
import { fileKeyring, openLevelStore } from 'muniment/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Dice, type Model, writeCrashState } from './support/crash-state.ts'
import { type FileCall, parseTrace, TRACED } from './support/system-calls.ts'
import { rowValue, WRITTEN_KEY } from './support/written-rows.ts'

const STATES = Number(process.env['MUNIMENT_STATES'] ?? 40)
const SEED = Number(process.env['MUNIMENT_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const ROWS = 1200
/** Longer than any write, so that strace cuts none. */
const STRING_LIMIT = 16 << 20
const init = { key: WRITTEN_KEY, cryptography, random }
const WRITER = fileURLToPath(new URL('support/store-writer.ts', import.meta.url))

let folder: string
let root: string
let calls: FileCall[]

beforeAll(async () => {
  if (spawnSync('strace', ['-V']).status !== 0) {
    throw new Error(
      'This test records system calls: install strace (apt-get install strace) and run it again.',
    )
  }
  folder = await mkdtemp(join(tmpdir(), 'muniment-power-'))
  root = join(folder, 'disk')
  await mkdir(root)
  const trace = join(folder, 'trace')
  const strace = ['-f', '-y', '-xx', '-s', String(STRING_LIMIT), '-e', `trace=${TRACED}`, '-o', trace]
  const writer = [process.execPath, '--conditions=@muniment/source', WRITER, root, String(ROWS)]
  await promisify(execFile)('strace', [...strace, ...writer], {
    env: { ...process.env, UV_USE_IO_URING: '0' },
  })
  calls = parseTrace(await readFile(trace, 'latin1'), root)
}, 300_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each<Model>(['ext4', 'strict'])('after power loss on a file system of the %s kind', (model) => {
  it(`nothing that was acknowledged is lost (seed ${SEED})`, { timeout: 3_600_000 }, async () => {
    const dice = seededDice(SEED + (model === 'strict' ? 1 : 0))
    const telling = tellingMoments()
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

/** Just after acknowledgements that follow a new file: where a name that was not synced shows. */
function tellingMoments(): number[] {
  const moments: number[] = []
  let sinceNewFile = Number.POSITIVE_INFINITY
  for (const [index, call] of calls.entries()) {
    if (call.type === 'create' && call.path.endsWith('.log')) sinceNewFile = 0
    else if (isAcknowledgement(call) && sinceNewFile++ < 4) moments.push(index + 1)
  }
  return moments
}

function isAcknowledgement(call: FileCall): call is FileCall & { type: 'write' } {
  return call.type === 'write' && call.path === `${root}.ack`
}

function acknowledgedBefore(end: number): { row: number; keyring: number } {
  const found = { row: -1, keyring: -1 }
  for (const call of calls.slice(0, end)) {
    if (!isAcknowledgement(call)) continue
    const text = call.bytes.toString()
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

function pick(moments: readonly number[], dice: Dice): number {
  return moments[Math.floor(dice() * moments.length)] ?? 0
}

/** Mulberry32. */
function seededDice(seed: number): Dice {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
