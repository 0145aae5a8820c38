import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { eachSeed, patience } from '@muniment/compliance'
import fc from 'fast-check'
import { createVault, openVault, type PersonVault } from 'muniment'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ofx } from './support/ofx.ts'
import { laptopAndPhone } from './support/two-devices.ts'
import { contentOf, recordsOf } from './support/vault-content.ts'

/** Disks damaged with each seed. */
const RUNS = 2
const SECTOR = 512

let root: string
let template: string
let content: string
/** Every record as it is, and as it was before it was edited: what a device shows that lacks an edit. */
const records = new Set<string>()
let count: number
let folder: string
let phoneFolder: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'muniment-damage-'))
  template = join(root, 'template')
  const { laptop, phone } = await laptopAndPhone(template, async (vault) => {
    for (let note = 0; note < 30; note++) await vault.note(`Note ${note}`, { text: 'x'.repeat(note * 200) })
  })
  for (let note = 0; note < 10; note++) await phone.note(`From the phone ${note}`)
  await laptop.syncOnce()
  for (const record of await recordsOf(laptop)) records.add(record)
  for await (const { id } of laptop.records({ limit: 20 })) await laptop.edit(id, { fields: { seen: true } })
  content = await contentOf(laptop)
  for (const record of await recordsOf(laptop)) records.add(record)
  count = await laptop.count()
  await vi.waitFor(async () => expect(await contentOf(phone)).toBe(content), { timeout: 10_000 })
  await Promise.all([laptop.close(), phone.close()])
  // Opened once more, so that there is a table beside the log.
  await (await openVault({ folder: join(template, 'laptop') })).close()
}, patience(60_000))
afterAll(() => rm(root, { recursive: true, force: true }))

beforeEach(() => freshCopies())

async function freshCopies(): Promise<void> {
  folder = join(root, 'now', 'laptop')
  phoneFolder = join(root, 'now', 'phone')
  await rm(join(root, 'now'), { recursive: true, force: true })
  await cp(template, join(root, 'now'), { recursive: true })
}

/** Opens the damaged laptop, sees that nothing in it is wrong, lets it meet the phone, and gives it. */
async function healed(): Promise<PersonVault> {
  const laptop = await openVault({ folder })
  for (const record of await recordsOf(laptop)) expect(records).toContain(record)
  const phone = await openVault({ folder: phoneFolder })
  try {
    await phone.goOnline()
    await laptop.goOnline()
    await laptop.syncOnce()
    expect((await laptop.damage()).open).toEqual({ entries: [], keyring: false, head: false })
    expect(await contentOf(laptop)).toBe(content)
    return laptop
  } catch (error) {
    await laptop.close()
    throw error
  } finally {
    await phone.close()
  }
}

/** True when the sector held the way to everything: then the laptop says so, and nothing passes for a new vault. */
async function isAllLost(): Promise<boolean> {
  const aside = join(root, 'aside')
  await rm(aside, { recursive: true, force: true })
  await cp(folder, aside, { recursive: true })
  try {
    await (await openVault({ folder: aside })).close()
    return false
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_STORE_DAMAGED' })
    expect((await readdir(aside)).some((name) => name.startsWith('damaged-'))).toBe(true)
    return true
  }
}

async function statement(month: number): Promise<string> {
  const path = join(root, `month-${month}.ofx`)
  const lines = Array.from(
    { length: 20 },
    (_, line) =>
      `<STMTTRN><TRNTYPE>OTHER<DTPOSTED>20260301<TRNAMT>-1.00<FITID>${month}-${line}<NAME>Shop ${month} ${line}</STMTTRN>`,
  )
  await writeFile(path, ofx(lines.join('')))
  return path
}

async function filesThatCount(): Promise<string[]> {
  const files: string[] = []
  for (const name of await readdir(join(folder, 'store', 'level'))) {
    const path = join('store', 'level', name)
    if (/\.(ldb|log)$|^MANIFEST|^CURRENT/.test(name) && (await stat(join(folder, path))).size > 0)
      files.push(path)
  }
  return [...files, 'keyring']
}

/** The tables that are not nearly empty. */
async function tables(): Promise<string[]> {
  const names = (await filesThatCount()).filter((name) => name.endsWith('.ldb'))
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return names.filter((_name, index) => (sizes[index] ?? 0) > 4 * SECTOR)
}

async function change(name: string, to: (bytes: Buffer) => Buffer): Promise<void> {
  await writeFile(join(folder, name), to(await readFile(join(folder, name))))
}

describe('a laptop without any other device', () => {
  it(
    'reads on what its disk did not lose, says what is gone, and writes on',
    { timeout: patience(60_000) },
    async () => {
      const whole = join(root, 'whole')
      const vault = await createVault({ folder: whole, name: 'Laptop' })
      for (let month = 0; month < 10; month++) await vault.import(await statement(month))
      const before = new Set(await recordsOf(vault))
      await vault.close()
      await eachSeed((seed) =>
        fc.assert(
          fc.asyncProperty(fc.double({ min: 0.1, max: 0.9, noNaN: true }), async (where) => {
            const alone = join(root, 'alone')
            await rm(alone, { recursive: true, force: true })
            await cp(whole, alone, { recursive: true })
            const level = join(alone, 'store', 'level')
            const log = (await readdir(level)).find((name) => name.endsWith('.log')) ?? ''
            const bytes = await readFile(join(level, log))
            const at = Math.floor(bytes.length * where)
            await writeFile(join(level, log), bytes.fill(0, at, Math.min(at + SECTOR, bytes.length)))
            const again = await openVault({ folder: alone })
            const left = await recordsOf(again)
            for (const record of left) expect(before).toContain(record)
            const { incidents, isWhole } = await again.damage()
            await again.note('Afterwards')
            expect((await again.check()).ok).toBe(true)
            await again.close()

            expect(left.length, `byte ${at} of ${bytes.length}`).toBeGreaterThanOrEqual(before.size * 0.8)
            expect(incidents).toMatchObject([{ lost: {} }])
            expect(isWhole).toBe(true)
            const last = await openVault({ folder: alone })
            expect(await last.count()).toBe(left.length + 1)
            await last.close()
          }),
          { numRuns: RUNS, seed },
        ),
      )
    },
  )
})

describe('a laptop whose disk was damaged', () => {
  it(
    'shows nothing wrong and has everything back from the phone, whichever sector was lost, or says that all is lost',
    { timeout: patience(120_000) },
    async () => {
      await eachSeed((seed) =>
        fc.assert(
          fc.asyncProperty(fc.nat(), fc.nat(), fc.constantFrom(0, 0xa5), async (which, where, filling) => {
            await freshCopies()
            const files = await filesThatCount()
            const name = files[which % files.length] ?? ''
            await change(name, (bytes) => {
              const at = where % bytes.length
              return bytes.fill(filling, at, Math.min(at + SECTOR, bytes.length))
            })
            if (await isAllLost()) return
            const laptop = await healed()
            const { incidents, isWhole } = await laptop.damage()
            await laptop.close()

            expect(isWhole, `byte ${where} of ${name}`).toBe(true)
            expect(incidents).toHaveLength(1)
            expect(await readdir(join(folder, incidents[0]?.kept ?? ''))).not.toEqual([])
          }),
          { numRuns: RUNS, seed },
        ),
      )
    },
  )

  it('has its keys back from the phone when the file of the keyring is lost, and writes nothing before', async () => {
    await change('keyring', (bytes) => bytes.fill(0x5a))
    const alone = await openVault({ folder })
    await expect(alone.note('Too early')).rejects.toMatchObject({ code: 'ERR_KEY_UNKNOWN' })
    await alone.close()
    const laptop = await healed()

    await laptop.note('Now it may')
    expect(await laptop.count()).toBe(count + 1)
    await laptop.close()
  })

  it('says that it has to be enrolled again when its own keys are lost, and leaves all as it was', async () => {
    const level = join(folder, 'store', 'level')
    for (const name of await readdir(level)) {
      if (/\.(ldb|log)$/.test(name)) await change(join('store', 'level', name), (bytes) => bytes.fill(1))
    }
    await change('device', (bytes) => bytes.fill(1))
    const before = await readdir(level)

    await expect(openVault({ folder })).rejects.toMatchObject({ code: 'ERR_STORE_DAMAGED' })
    expect(await readdir(level)).toEqual(before)
  })

  it('finds out by a check what is damaged, says what, and has it back at the next sync', async () => {
    const laptop = await openVault({ folder })
    expect(await laptop.check()).toMatchObject({ ok: true, damagedRows: 0, smallFiles: [] })
    for (const name of await tables())
      await change(name, (bytes) => bytes.fill(0, bytes.length >> 1, (bytes.length >> 1) + SECTOR))
    const found = await laptop.check()
    await laptop.close()

    expect(found.ok).toBe(false)
    expect(found.damagedFiles).toBeTypeOf('string')
    const whole = await healed()
    const report = await whole.check()
    await whole.close()
    expect(report).toMatchObject({ ok: true, damage: { isWhole: true } })
    expect(basename(report.damage.incidents[0]?.kept ?? '')).toMatch(/^damaged-/)
  })
})
