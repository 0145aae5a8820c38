import { eachSeed, patience } from '@muniment/compliance'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allOf, household, type HouseholdDevice, nth } from '../support/household.ts'
import { noLines } from '../support/lines.ts'
import { type Step, type Story, storySteps } from '../support/story-steps.ts'

const DEVICES = 5
/** What is done in each story, and the stories of a round and a test: the deep lane has 50 rounds. */
const STEPS = 200
const STORIES = 3
/** The place of the device that a thief copies. */
const COPIED = 2
/** The place of the device that made the vault. */
const FIRST = 0
/** Who removes whom, and before which step: one that ranks lower, and the first of all. */
const REMOVALS = [
  { by: 1, removed: 3, at: 80 },
  { by: 4, removed: FIRST, at: 120 },
] as const

const steps = fc.array(storySteps(DEVICES), { minLength: STEPS, maxLength: STEPS })

test(
  'five devices that write, part, meet, crash, and have wrong clocks come to one vault, with all that was kept',
  () =>
    eachStory(async (story, taken) => {
      await play(story, taken)
      await story.lines.cut()
      await bringTogether(story.home.devices, story)
      await expectOneVault(story.home.devices, story)
    }),
  patience(240_000),
)

test(
  'when one of them is copied and both go on writing, the others come to one vault, with all that they wrote',
  () =>
    eachStory(async (story, taken) => {
      const { devices } = story.home
      await play(story, taken.slice(0, STEPS / 2))
      await story.lines.cut(nth(devices, COPIED))
      await give(nth(devices, COPIED), nth(devices, FIRST))
      story.copied = { at: COPIED, copy: await story.home.copy(COPIED) }
      story.strays.add(COPIED)
      await play(story, taken.slice(STEPS / 2), STEPS / 2)
      await story.lines.cut()
      const honest = devices.filter((_, index) => index !== COPIED)
      for (const device of [story.copied.copy, nth(devices, COPIED)]) await give(device, nth(honest, 0))
      await bringTogether(honest, story)
      await expectOneVault(honest, story)
    }),
  patience(240_000),
)

test(
  'when two are removed while some are away, the others come to one vault, and the two write on for themselves',
  () =>
    eachStory(async (story, taken) => {
      const { devices } = story.home
      for (const { removed } of REMOVALS) story.strays.add(removed)
      for (const [index, each] of taken.entries()) {
        const removal = REMOVALS.find(({ at }) => at === index)
        if (removal) await removeWhenKnown(devices, removal)
        await each.take(story, index)
      }
      await story.lines.cut()
      const remaining = devices.filter((_, index) => !story.strays.has(index))
      await bringTogether(remaining, story)
      await expectOneVault(remaining, story)
      for (const { roster } of remaining) {
        expect(roster.devices().map(({ id }) => id)).toHaveLength(remaining.length)
        for (const { removed } of REMOVALS) expect(roster.isMember(nth(devices, removed).id)).toBe(false)
      }
    }),
  patience(240_000),
)

/** A device that has not heard from the vault since it joined may not change the roster yet. */
async function removeWhenKnown(
  devices: readonly HouseholdDevice[],
  { by, removed }: (typeof REMOVALS)[number],
): Promise<void> {
  await give(nth(devices, FIRST), nth(devices, by))
  await nth(devices, by).roster.remove(nth(devices, removed).id)
}

/** Hands over everything that a device holds, the keys to it first. */
async function give(from: HouseholdDevice, to: HouseholdDevice): Promise<void> {
  const keyring = from.keyring.bytes()
  if (keyring) await to.keyring.merge(keyring)
  const frames = await allOf(from.log.frames({}))
  await to.log.receiveAll(frames.map(({ bundle }) => bundle))
}

/** Plays a round's stories, each on devices of its own, with steps of its own. */
async function eachStory(tell: (story: Story, taken: readonly Step[]) => Promise<void>): Promise<void> {
  await eachSeed((seed) =>
    fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const home = await household(DEVICES)
        const kept = { titles: new Set<string>(), fields: new Map(), ledger: new Set<string>() }
        const story: Story = { home, lines: noLines(), kept, strays: new Set() }
        try {
          await tell(story, taken)
        } finally {
          await story.lines.cut()
          await home.end()
        }
      }),
      { numRuns: STORIES, seed, endOnFailure: true },
    ),
  )
}

async function play(story: Story, taken: readonly Step[], from = 0): Promise<void> {
  for (const [index, each] of taken.entries()) await each.take(story, from + index)
}

/** Connects all with all and waits until nobody has anything that another lacks. */
async function bringTogether(devices: readonly HouseholdDevice[], { lines }: Story): Promise<void> {
  for (const [index, left] of devices.entries()) {
    for (const right of devices.slice(index + 1)) lines.connect(left, right)
  }
  // What was written over records that are refused now is written anew, and reaches the others too.
  do {
    await whenOne(devices)
    for (const { vault } of devices) await vault.settled()
  } while (!areOne(devices))
}

/** Resolves once nobody has anything that another lacks. */
async function whenOne(devices: readonly HouseholdDevice[]): Promise<void> {
  await new Promise<void>((resolve) => {
    const stops: (() => void)[] = []
    const look = (): void => {
      if (!areOne(devices)) return
      for (const stop of stops) stop()
      resolve()
    }
    for (const { log, keyring } of devices) {
      stops.push(log.onAppend(look), log.onFork(look), keyring.onChange(look))
    }
    look()
  })
}

function areOne(devices: readonly HouseholdDevice[]): boolean {
  const states = devices.map(({ log, keyring }) => {
    const forks = log.forks().map(({ device, seq }) => [device, seq])
    return JSON.stringify([log.seen(), Object.fromEntries(forks), keyring.describe().version].map(sorted))
  })
  return new Set(states).size === 1
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
    // What removed devices wrote too late is listed too, by who happened to hear of it.
    refused: vault.quarantine().filter(({ problems }) => problems.every(({ code }) => code !== 'removed')),
  }
}

async function expectOneVault(devices: readonly HouseholdDevice[], { kept }: Story): Promise<void> {
  const sight = await sightOf(nth(devices, 0))
  for (const device of devices.slice(1)) expect(await sightOf(device)).toEqual(sight)
  const titles = new Set(sight.records.map(({ title }) => title))
  expect([...kept.titles].filter((title) => !titles.has(title))).toEqual([])
  expect([...kept.ledger].filter((entry) => !sight.ledger.has(entry))).toEqual([])
  expect(sight.refused).toEqual([])
  const byId = new Map(sight.records.map((record) => [record.id, record]))
  for (const [field, { record, value }] of kept.fields) expect(byId.get(record)?.fields[field]).toBe(value)
}
