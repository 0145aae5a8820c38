import { eachSeed } from '@muniment/compliance'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Actor,
  allOf,
  family,
  framesOf,
  newDevice,
  note,
  textsOf,
  nth,
  unsafeTestingCuts,
} from './support/actors.ts'

const READERS = 4
const NOTES = 6

const story = fc.record({
  /** Notes that both histories share, of six in each. */
  shared: fc.integer({ min: 1, max: NOTES }),
  /** The number of the last entry that the removal lets count. */
  cut: fc.integer({ min: 0, max: NOTES + 2 }),
  /** What happens: to which reader, and whether it hears of the removal, of one history, of the other, or restarts. */
  happenings: fc.array(
    fc.record({
      reader: fc.nat(READERS - 1),
      kind: fc.constantFrom('cut', 'one', 'two', 'restart', 'talk'),
      other: fc.nat(READERS - 1),
    }),
    { maxLength: 30 },
  ),
})

/** Everything that one holds of a device, the evidence of its histories too, is handed to another. */
async function talk(from: Actor, to: Actor, device: string): Promise<void> {
  const frames = [...(await framesOf(from.log)), ...(await allOf(from.log.evidence(device)))]
  await to.log.receiveAll(frames.map(({ bundle }) => bundle))
}

test('readers of a device that signs two histories and is removed see the same of it, whatever they hear first', async () => {
  await eachSeed((seed) =>
    fc.assert(
      fc.asyncProperty(story, async ({ shared, cut, happenings }) => {
        const alices = await family()
        const one = await newDevice(alices)
        for (let count = 0; count < shared; count++) await one.log.append([note(alices, `both ${count}`)])
        const two = await one.restart(one.store.copy())
        two.log.knownOffline()
        for (let count = shared; count < NOTES; count++) {
          await one.log.append([note(alices, `one ${count}`)])
          await two.log.append([note(alices, `two ${count}`)])
        }
        const families = Array.from({ length: READERS }, () => {
          const roster = new Set(alices.roster)
          return { ...alices, roster, cuts: unsafeTestingCuts(roster) }
        })
        const readers = await Promise.all(families.map((each) => newDevice(each)))
        for (const { roster } of families) for (const { id } of readers) roster.add(id)
        const happen = async ({ kind, reader, other }: (typeof happenings)[number]): Promise<void> => {
          const actor = nth(readers, reader)
          if (kind === 'cut') nth(families, reader).cuts.cut(one.id, cut)
          if (kind === 'one') await talk(one, actor, one.id)
          if (kind === 'two') await talk(two, actor, one.id)
          if (kind === 'talk') await talk(nth(readers, other), actor, one.id)
          if (kind === 'restart') readers[reader] = await actor.restart()
        }
        for (const each of happenings) await happen(each)
        await happen({ kind: 'one', reader: 0, other: 0 })
        await happen({ kind: 'two', reader: 1, other: 1 })
        for (let reader = 0; reader < READERS; reader++) await happen({ kind: 'cut', reader, other: 0 })
        for (let round = 0; round < 2; round++)
          for (const from of readers) for (const to of readers) if (from !== to) await talk(from, to, one.id)
        const expected = Array.from({ length: NOTES }, (_, count) => count)
          .filter((count) => count < shared && count + 2 <= cut)
          .map((count) => `both ${count}`)
        // The two histories part only where there are notes after the shared ones.
        for (const { log } of readers) expect(await textsOf(log, one.id)).toEqual(expected)
      }),
      { seed, numRuns: 15 },
    ),
  )
}, 60_000)
