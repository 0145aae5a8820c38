import { eachSeed, patience } from '@muniment/compliance'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Actor, allOf, hand, newDevice, newFamily, nth, payments } from './support/actors.ts'

const DEVICES = 5
/** What is done in each case, and the cases of a round: 2 % of what the threat model asks of the deep lane. */
const STEPS = 200
const CASES = 10

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('edit', 'settle', 'unset'),
      device: fc.nat(DEVICES - 1),
      record: fc.nat(2),
      field: fc.constantFrom('label', 'amount'),
      value: fc.nat(3),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('remove', 'restore', 'restart', 'setting'),
      device: fc.nat(DEVICES - 1),
      record: fc.nat(2),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('hand' as const),
      device: fc.nat(DEVICES - 1),
      to: fc.nat(DEVICES - 1),
    }),
  },
)

/** What a person sees on a device. */
async function sight({ vault }: Actor): Promise<unknown> {
  return {
    records: await allOf(vault.records()),
    conflicts: (await allOf(vault.conflicts())).map(({ id }) => id).sort(),
    counts: Object.fromEntries(vault.collections()),
    settings: Object.fromEntries(await vault.settings()),
    quarantine: vault.quarantine(),
  }
}

describe('convergence', () => {
  it(
    'five devices that edited at random and heard of each other in any order see the same, conflicts included',
    async () => {
      await eachSeed((seed) =>
        fc.assert(
          fc.asyncProperty(
            fc.array(step, { minLength: STEPS, maxLength: STEPS, size: 'max' }),
            async (steps) => {
              const family = newFamily()
              const devices = await Promise.all(Array.from({ length: DEVICES }, () => newDevice(family)))
              const first = nth(devices, 0)
              await first.vault.addImport(payments(2))
              const typed = await first.vault.create({
                collection: 'note',
                title: 'Note',
                fields: { label: 'a' },
              })
              const ids = [
                ...(await allOf(first.vault.records({ collection: 'bank-transaction' }))).map(({ id }) => id),
                typed,
              ]
              for (const device of devices.slice(1)) await hand(first, device)
              for (const taken of steps) {
                const device = nth(devices, taken.device)
                if (taken.kind === 'hand') await hand(device, nth(devices, taken.to))
                else if (taken.kind === 'restart') devices[taken.device] = await device.restart()
                else await act(device, nth(ids, taken.record), taken)
              }
              for (let round = 0; round < 2; round++) {
                for (const from of devices) for (const to of devices) if (from !== to) await hand(from, to)
              }
              const seen = await Promise.all(devices.map((device) => sight(device)))
              for (const other of seen) expect(other).toEqual(seen[0])
              expect(first.vault.quarantine()).toEqual([])
              const again = await nth(devices, 1).restart()
              expect(await sight(again)).toEqual(seen[0])
            },
          ),
          { numRuns: CASES, seed },
        ),
      )
    },
    patience(60_000),
  )
})

async function act(
  { vault }: Actor,
  id: string,
  { kind, field = 'label', value = 0 }: { kind: string; field?: string; value?: number },
): Promise<void> {
  const acted = {
    edit: () => vault.edit(id, { fields: { [field]: value } }),
    settle: () => vault.settle(id, { fields: { [field]: value } }),
    unset: () => vault.edit(id, { fields: { [field]: undefined } }),
    remove: () => vault.remove(id),
    restore: () => vault.restore(id),
    setting: () => vault.putSetting('theme', id),
  }[kind]
  await acted?.().catch((error: unknown) => {
    // A removed record cannot be edited, nor a field settled that is not in conflict.
    expect(error).toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
}
