import { eachSeed, patience } from '@muniment/compliance'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Actor, allOf, meet, newDevice, newFamily, payment } from './support/actors.ts'

/** What may happen next: on which device, with which other, and to which import. */
const step = fc.record({
  act: fc.constantFrom('import', 'erase', 'undo', 'edit', 'meet', 'meet', 'restart'),
  on: fc.nat(2),
  other: fc.nat(2),
  which: fc.nat(9),
})

/** Schedules for each seed. */
const CASES = 8

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

async function act(devices: Actor[], { act: name, on, other, which }: Step, number: number): Promise<void> {
  const device = devices[on]
  const peer = devices[other]
  if (!device || !peer) return
  const { vault } = device
  const imports = vault.imports()
  const chosen = imports[which % Math.max(1, imports.length)]
  if (name === 'import') await vault.addImport([payment(2 * number), payment(2 * number + 1)])
  if (name === 'erase' && chosen) await vault.eraseImport(chosen.importId)
  if (name === 'undo' && chosen) await vault.undoImport(chosen.importId)
  if (name === 'edit') await editSome(device, which, `written in step ${number}`)
  if (name === 'meet' && peer !== device) await meet(device, peer)
  if (name === 'restart') {
    await vault.close()
    devices[on] = await device.restart()
  }
}

async function editSome({ vault }: Actor, which: number, label: string): Promise<void> {
  const records = await allOf(vault.records())
  const record = records[which % Math.max(1, records.length)]
  if (record) await vault.edit(record.id, { fields: { label } })
}

async function allMeet(devices: readonly Actor[]): Promise<void> {
  for (let round = 0; round < 3; round++) {
    for (const one of devices) {
      for (const other of devices) if (one !== other) await meet(one, other)
      await one.vault.tidied()
    }
  }
}

function erasedOn({ vault }: Actor): string[] {
  return vault.erasures().map(({ importId, device, at }) => `${importId} ${device} ${at}`)
}

/** What a device still opens of segments and edits, as text. */
async function opens({ log }: Actor): Promise<string> {
  const bodies: string[] = []
  for (const device of Object.keys(log.seen())) {
    for (const { body, kind } of await allOf(log.entries(device)))
      if (body && (kind === 'segment' || kind === 'shard')) bodies.push(Buffer.from(body).toString('latin1'))
  }
  return bodies.join('\n')
}

describe('erasing at random among three devices that meet now and then', () => {
  it(
    'ends with nothing of what was erased on any of them, and the same of the rest on all',
    () => eachSeed((seed) => checkAll(seed)),
    patience(60_000),
  )
})

async function checkAll(seed: number): Promise<void> {
  for (const schedule of fc.sample(fc.array(step, { minLength: 8, maxLength: 20 }), {
    seed,
    numRuns: CASES,
  })) {
    const family = newFamily()
    const devices = [await newDevice(family), await newDevice(family), await newDevice(family)]
    for (const [number, step] of schedule.entries()) await act(devices, step, number)
    await allMeet(devices)
    const [first] = devices
    const expected = first && (await allOf(first.vault.records()))
    for (const device of devices) {
      expect(await allOf(device.vault.records())).toEqual(expected)
      expect(erasedOn(device)).toEqual(first && erasedOn(first))
      const left = await opens(device)
      for (const { importId, doneBy } of device.vault.erasures()) {
        expect(left).not.toContain(importId)
        expect(doneBy).toHaveLength(3)
      }
    }
  }
}
