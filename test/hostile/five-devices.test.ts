import { eachSeed, patience } from '@muniment/compliance'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allOf, household, type HouseholdDevice, nth } from '../support/household.ts'
import { noLines } from '../support/lines.ts'
import { type Story, storySteps } from '../support/story-steps.ts'

const DEVICES = 5
/** What is done in each story, and the stories of a round: the deep lane has 50 rounds. */
const STEPS = 200
const STORIES = 10

const steps = fc.array(storySteps(DEVICES), { minLength: STEPS, maxLength: STEPS })

test(
  'five devices that write, part, meet, crash, and have wrong clocks come to one vault, with all that was kept',
  () =>
    eachSeed((seed) =>
      fc.assert(
        fc.asyncProperty(steps, async (taken) => {
          const home = await household(DEVICES)
          const kept = { titles: new Set<string>(), fields: new Map(), ledger: new Set<string>() }
          const story: Story = { home, lines: noLines(), kept }
          try {
            for (const [index, each] of taken.entries()) await each.take(story, index)
            await bringTogether(story)
            await expectOneVault(story)
          } finally {
            await story.lines.cut()
            await home.end()
          }
        }),
        { numRuns: STORIES, seed, endOnFailure: true },
      ),
    ),
  patience(240_000),
)

/** Connects all with all and waits until nobody has anything that another lacks. */
async function bringTogether({ home: { devices }, lines }: Story): Promise<void> {
  await lines.cut()
  for (const [index, left] of devices.entries()) {
    for (const right of devices.slice(index + 1)) lines.connect(left, right)
  }
  const areOne = (of: (device: HouseholdDevice) => object): boolean =>
    new Set(devices.map((device) => JSON.stringify(sorted(of(device))))).size === 1
  await new Promise<void>((resolve) => {
    const stops: (() => void)[] = []
    const look = (): void => {
      if (!areOne(({ log }) => log.heads()) || !areOne(({ keyring }) => keyring.describe().version)) return
      for (const stop of stops) stop()
      resolve()
    }
    for (const { log, keyring } of devices) stops.push(log.onAppend(look), keyring.onChange(look))
    look()
  })
  for (const { vault } of devices) await vault.settled()
}

const sorted = (map: object): [string, unknown][] =>
  Object.entries(map).toSorted(([left], [right]) => (left < right ? -1 : 1))

async function sightOf({ vault, roster }: HouseholdDevice) {
  const ledger = await allOf(vault.ledger())
  return {
    records: (await allOf(vault.records())).toSorted((left, right) => (left.id < right.id ? -1 : 1)),
    conflicts: new Set((await allOf(vault.conflicts())).map(({ id }) => id)),
    settings: await vault.settings(),
    ledger: new Set(ledger.map(({ body }) => new TextDecoder().decode(body))),
    imports: new Set(vault.imports().map(({ importId }) => importId)),
    devices: roster.devices().map(({ id }) => id),
    epoch: roster.epoch(),
    refused: vault.quarantine(),
  }
}

async function expectOneVault({ home: { devices }, kept }: Story): Promise<void> {
  const sight = await sightOf(nth(devices, 0))
  for (const device of devices.slice(1)) expect(await sightOf(device)).toEqual(sight)
  const titles = new Set(sight.records.map(({ title }) => title))
  expect([...kept.titles].filter((title) => !titles.has(title))).toEqual([])
  expect([...kept.ledger].filter((entry) => !sight.ledger.has(entry))).toEqual([])
  expect(sight.refused).toEqual([])
  const byId = new Map(sight.records.map((record) => [record.id, record]))
  for (const [field, { record, value }] of kept.fields) expect(byId.get(record)?.fields[field]).toBe(value)
}
