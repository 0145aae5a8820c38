import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { allOf, type Household, household, type HouseholdDevice, nth } from '../support/household.ts'
import { type Lines, noLines } from '../support/lines.ts'

const PAYMENTS = 6_000
const PATIENCE = 60_000
let home: Household
let lines: Lines

beforeEach(async () => {
  home = await household(3)
  lines = noLines()
}, PATIENCE)
afterEach(async () => {
  await lines.cut()
  await home.end()
})

/** A statement of which every line is unlike any other, so that nothing of it can be pressed together. */
const statement = (name: string) =>
  Array.from({ length: PAYMENTS }, (_, line) => ({
    collection: 'payment',
    title: `${name} ${crypto.randomUUID()}`,
    fields: { line, reference: crypto.randomUUID() },
  }))

async function bytesOf({ identity: { folder } }: HouseholdDevice): Promise<number> {
  const entries = await readdir(join(folder, 'store', 'level'), { withFileTypes: true })
  const sizes = entries.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** Both have what the other has. */
async function meet(left: HouseholdDevice, right: HouseholdDevice): Promise<void> {
  lines.connect(left, right)
  const isSame = (): boolean =>
    JSON.stringify(left.log.seen()) === JSON.stringify(right.log.seen()) &&
    left.keyring.erasedCount === right.keyring.erasedCount &&
    JSON.stringify(sorted(left.keyring.describe().version)) ===
      JSON.stringify(sorted(right.keyring.describe().version))
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (sameSeen(left, right) && isSame()) resolve()
    }
    for (const { log, keyring } of [left, right]) {
      log.onAppend(look)
      keyring.onChange(look)
    }
    look()
  })
  await lines.cut()
  for (const { vault } of [left, right]) {
    await vault.settled()
    await vault.tidied()
  }
}

const sorted = (map: object) => Object.entries(map).toSorted(([one], [other]) => (one < other ? -1 : 1))

function sameSeen(left: HouseholdDevice, right: HouseholdDevice): boolean {
  return JSON.stringify(sorted(left.log.seen())) === JSON.stringify(sorted(right.log.seen()))
}

/** How many sealed entries of the log still have what was sealed. */
async function payloadsOf({ log }: HouseholdDevice): Promise<number> {
  let count = 0
  for (const device of Object.keys(log.seen())) {
    for await (const { body, kind } of log.entries(device)) if (body && kind === 'segment') count++
  }
  return count
}

describe('an import that Ana erases', () => {
  it(
    'is gone from her laptop, from her phone, and from a tablet that was away, with what was written over it',
    async () => {
      const [laptop, phone, tablet] = [nth(home.devices, 0), nth(home.devices, 1), nth(home.devices, 2)]
      for (const device of [phone, tablet]) await meet(laptop, device)
      const before = await bytesOf(laptop)
      const { importId } = await laptop.vault.addImport(statement('secret'), { file: 'secret.ofx' })
      const kept = await laptop.vault.addImport([{ collection: 'payment', title: 'Rent', fields: {} }])
      await meet(laptop, phone)
      await meet(laptop, tablet)
      const [newest] = await allOf(phone.vault.records({ collection: 'payment', limit: 1 }))
      await phone.vault.edit(newest?.id ?? '', { fields: { label: 'hush' } })
      await meet(phone, tablet)
      await meet(phone, laptop)
      const keys = new Set<string>()
      for await (const { kind, key } of laptop.log.entries(laptop.id))
        if (kind === 'segment' && key) keys.add(key)
      const full = await bytesOf(tablet)

      await laptop.vault.eraseImport(importId)
      await meet(laptop, phone)
      expect(await payloadsOf(tablet)).toBeGreaterThan(1)
      await meet(phone, tablet)

      for (const device of [laptop, phone, tablet]) {
        expect(device.vault.count).toBe(1)
        expect(device.vault.imports().map((one) => one.importId)).toEqual([kept.importId])
        expect(await device.vault.searchTitles('secret')).toEqual([])
        expect(await payloadsOf(device)).toBe(1)
        expect([...keys].filter((key) => device.keyring.get(key)).length).toBe(1)
        expect(await bytesOf(device)).toBeLessThan((full + before) / 2)
      }
      const again = await home.restart(2)
      expect(again.vault.count).toBe(1)
      await again.vault.tidied()
    },
    PATIENCE,
  )

  it(
    'is erased to the end when the laptop stopped between telling the others and destroying the keys',
    async () => {
      const laptop = nth(home.devices, 0)
      const { importId } = await laptop.vault.addImport(statement('secret'))
      Object.assign(laptop.keyring, {
        erase: () => Promise.reject(new Error('the power went')),
      })
      await laptop.vault.eraseImport(importId).catch(() => undefined)
      const again = await home.restart(0)
      await again.vault.tidied()
      expect(await payloadsOf(again)).toBe(0)
      expect(again.keyring.erasedCount).toBeGreaterThan(0)
      expect(again.vault.count).toBe(0)
    },
    PATIENCE,
  )

  it(
    'can be one that was only taken back before, and asking twice changes nothing',
    async () => {
      const laptop = nth(home.devices, 0)
      const { importId } = await laptop.vault.addImport(statement('secret'))
      await laptop.vault.undoImport(importId)
      expect(await payloadsOf(laptop)).toBeGreaterThan(1)
      await laptop.vault.eraseImport(importId)
      expect(await payloadsOf(laptop)).toBe(0)
      expect((await laptop.vault.eraseImport(importId)).doneBy).toEqual([laptop.id])
    },
    PATIENCE,
  )
})
