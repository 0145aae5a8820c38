import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openVault, type PersonVault } from 'muniment'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Model, writeCrashState } from './support/crash-state.ts'
import { acknowledged, pick, recordRun, seededDice, tellingMoments } from './support/recorded-run.ts'
import type { FileCall } from './support/system-calls.ts'
import { STATEMENT_LINES } from './support/written-statements.ts'

/** Crash states of both models together: a thousand in the deep lane. */
const STATES = 20 * Number(process.env['MUNIMENT_SCALE'] ?? 1)
const SEED = Number(process.env['MUNIMENT_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const ROUNDS = 8
const WRITER = fileURLToPath(new URL('support/vault-writer.ts', import.meta.url))

let folder: string
let root: string
let calls: FileCall[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muniment-power-'))
  root = join(folder, 'disk')
  await mkdir(root)
  calls = await recordRun(WRITER, { folder, root, words: [String(ROUNDS)] })
}, 600_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each<Model>(['ext4', 'strict'])(
  'a vault after power loss on a file system of the %s kind',
  (model) => {
    it(
      `has all that was typed, imported and synced, and takes what is torn for no damage (seed ${SEED})`,
      { timeout: 2 ** 31 - 1 },
      async () => {
        const dice = seededDice(SEED + (model === 'strict' ? 1 : 0))
        const telling = tellingMoments(calls, root)
        expect(telling.length).toBeGreaterThan(3)
        for (let state = 0; state < STATES / 2; state++) {
          const end = state % 2 === 0 ? Math.floor(dice() * calls.length) : pick(telling, dice)
          const to = join(folder, 'crashed')
          await writeCrashState(calls, { end, root, to, model, dice })
          const promised = acknowledged(calls, root, end)
          const isThere = (await readdir(to)).includes('laptop')
          const when = `state ${state} of seed ${SEED}, call ${end} of ${calls.length}`
          if (isThere) await expectKept(await openVault({ folder: join(to, 'laptop') }), promised, when)
          else expect(promised, when).toEqual([])
        }
      },
    )
  },
)

async function expectKept(vault: PersonVault, promised: readonly string[], when: string): Promise<void> {
  try {
    const titles = new Set<string>()
    for await (const { title } of vault.records()) titles.add(title)
    const notes = promised.filter((each) => !each.startsWith('import'))
    expect(
      notes.filter((note) => !titles.has(note)),
      when,
    ).toEqual([])
    const imports = vault.imports()
    const counts = imports.map(({ imported }) => imported)
    expect(
      counts.every((count) => count === STATEMENT_LINES),
      when,
    ).toBe(true)
    expect(imports.length, when).toBeGreaterThanOrEqual(promised.length - notes.length)
    const lines = [...titles].filter((title) => title.startsWith('Shop '))
    expect(lines.length, when).toBe(imports.length * STATEMENT_LINES)
    expect(await vault.damage(), when).toMatchObject({ incidents: [], isWhole: true })
  } finally {
    await vault.close()
  }
}
