import { isMunimentError } from '@muniment/interface'
import type { VaultRecord } from '@muniment/vault'
import fc from 'fast-check'
import { allOf, type Household, type HouseholdDevice, nth } from './household.ts'
import type { Lines } from './lines.ts'

const YEAR = 365 * 86_400_000

/** What devices were told is kept, and has to be there in the end. */
export interface Kept {
  readonly titles: Set<string>
  /** By the field's name, which only one device ever writes. */
  readonly fields: Map<string, { readonly record: string; readonly value: string }>
  readonly ledger: Set<string>
}

/** Devices, the lines between them, and what was kept so far. */
export interface Story {
  readonly home: Household
  readonly lines: Lines
  readonly kept: Kept
  /** The places of devices that nobody counts on: what they write may come to be refused. */
  readonly strays: Set<number>
  /** The device whose disk a thief copied, by its place, and the thief's. */
  copied?: { readonly at: number; readonly copy: HouseholdDevice }
}

/** One thing that happens in a story. */
export interface Step {
  /** `index` is the step's number: it makes what is written unlike anything else. */
  take(story: Story, index: number): Promise<void> | void
  readonly [fc.toStringMethod]: () => string
}

const step = (says: string, take: Step['take']): Step => ({ take, [fc.toStringMethod]: () => says })
const pick = fc.nat({ max: 1_000 })

/** The steps of a story of so many devices, likely ones more often. */
export function storySteps(devices: number): fc.Arbitrary<Step> {
  const who = fc.nat({ max: devices - 1 })
  const writing = writingSteps(who)
  return fc.oneof(
    { weight: 52, arbitrary: writing },
    { weight: 20, arbitrary: fc.tuple(who, who, fc.option(fc.nat({ max: 40 }))).map(connecting) },
    { weight: 5, arbitrary: who.map((at) => step(`${at} loses all lines`, cutting(at))) },
    { weight: 4, arbitrary: who.map((at) => step(`${at} starts again`, restarting(at))) },
    { weight: 6, arbitrary: fc.tuple(who, who, pick).map(shuffling) },
    { weight: 3, arbitrary: fc.tuple(who, fc.integer({ min: -2 * YEAR, max: 2 * YEAR })).map(skewing) },
    { weight: 4, arbitrary: fc.nat(120_000).map((ms) => step(`${ms} ms pass`, ({ home }) => home.pass(ms))) },
  )
}

/** The device of that place; of one that was copied, now the one and now the other. */
function actor({ home, copied }: Story, at: number, turn: number): HouseholdDevice {
  return copied?.at === at && turn % 2 === 1 ? copied.copy : nth(home.devices, at)
}

const cutting =
  (at: number): Step['take'] =>
  ({ home, lines }) =>
    lines.cut(nth(home.devices, at))

const restarting =
  (at: number): Step['take'] =>
  async (story, index) => {
    await cutting(at)(story, index)
    await story.home.restart(at)
  }

function connecting([left, right, messages]: [number, number, number | null]): Step {
  return step(`${left} and ${right} connect for ${messages ?? 'good'}`, (story, index) => {
    if (left === right) return
    const ends = [actor(story, left, index), actor(story, right, index)] as const
    story.lines.connect(...ends, { messages: messages ?? Infinity })
  })
}

function skewing([at, skew]: [number, number]): Step {
  return step(`the clock of ${at} is ${skew} ms off`, ({ home: { devices } }) => {
    nth(devices, at).clock.skew = skew
  })
}

/** Frames as a stranger's disk might give them back: each twice, in another order. */
function shuffling([from, to, turn]: [number, number, number]): Step {
  return step(`${to} gets the frames of ${from} twice, turned by ${turn}`, async ({ home: { devices } }) => {
    const frames = await allOf(nth(devices, from).log.frames({}))
    const bundles = frames.map(({ bundle }) => bundle)
    const turned = [...bundles.slice(turn % (bundles.length + 1)), ...bundles.toReversed()]
    await nth(devices, to).log.receiveAll(turned)
  })
}

interface Writing {
  readonly device: HouseholdDevice
  readonly kept: Kept
  readonly index: number
  readonly chosen: number
  /** True when what is written may come to be refused. */
  readonly isStray: boolean
}

/** Why a device that nobody counts on may write no more: it was removed, or it met the other one that goes by its name. */
const OUT = ['ERR_ROLLED_BACK', 'ERR_REMOVED', 'ERR_KEY_UNKNOWN'] as const

function writingSteps(who: fc.Arbitrary<number>): fc.Arbitrary<Step> {
  const of = (says: string, weight: number, write: (writing: Writing) => Promise<unknown>) => ({
    weight,
    arbitrary: fc.tuple(who, pick).map(([at, chosen]) =>
      step(`${at} ${says} (${chosen})`, async (story, index) => {
        const isStray = story.strays.has(at)
        const device = actor(story, at, chosen)
        await write({ device, kept: story.kept, index, chosen, isStray }).catch((error: unknown) => {
          // Another device may have taken away in this moment what this one is about to change.
          if (isMunimentError(error, 'ERR_NOT_FOUND')) return
          const isOut = OUT.some((code) => isMunimentError(error, code))
          if (!isStray || !isOut) throw error
        })
      }),
    ),
  })
  return fc.oneof(
    of('types in a note', 12, typeIn),
    of('edits a note', 16, edit),
    of('writes over what others write', 8, contend),
    of('decides a conflict', 3, settle),
    of('removes a note', 3, remove),
    of('imports a file', 4, importFile),
    of('takes an import back', 1, undo),
    of('changes a setting', 3, ({ device, index }) =>
      device.vault.putSetting(`setting ${index % 7}`, `value ${index}`),
    ),
    of('writes in the ledger', 2, file),
  )
}

async function typeIn({ device, kept, index, chosen, isStray }: Writing): Promise<void> {
  const name = isStray ? 'stray' : chosen % 3 === 0 ? 'doomed' : 'note'
  const title = `${name} ${index}`
  await device.vault.create({ collection: 'note', title, fields: {} })
  if (name === 'note') kept.titles.add(title)
}

async function importFile({ device, kept, index, chosen, isStray }: Writing): Promise<void> {
  const name = isStray ? 'stray' : index % 5 === 0 ? 'doomed' : 'paid'
  const titles = Array.from({ length: 1 + (chosen % 30) }, (_, at) => `${name} ${index}.${at}`)
  await device.vault.addImport(titles.map((title) => ({ collection: 'payment', title, fields: {} })))
  if (name === 'paid') for (const title of titles) kept.titles.add(title)
}

async function undo({ device, chosen }: Writing): Promise<void> {
  const doomed = await find(device, 'doomed', { chosen, collection: 'payment' })
  if (doomed?.provenance.importId !== undefined) await device.vault.undoImport(doomed.provenance.importId)
}

async function edit({ device, kept, index, chosen, isStray }: Writing): Promise<void> {
  const record = await find(device, 'note', { chosen })
  if (!record) return
  await device.vault.edit(record.id, { fields: { [`field ${index}`]: `value ${index}` } })
  if (!isStray) kept.fields.set(`field ${index}`, { record: record.id, value: `value ${index}` })
}

async function contend({ device, index, chosen }: Writing): Promise<void> {
  const record = await find(device, '', { chosen })
  if (record) await device.vault.edit(record.id, { fields: { contended: `value ${index}` } })
}

async function settle({ device: { vault }, index }: Writing): Promise<void> {
  for (const { id, record } of await allOf(vault.conflicts())) {
    if (!record.conflicts?.some(({ field }) => field === 'contended')) continue
    await vault.settle(id, { fields: { contended: `value ${index}` } })
    return
  }
}

async function remove({ device, chosen }: Writing): Promise<void> {
  const record = await find(device, 'doomed', { chosen, collection: 'note' })
  if (record) await device.vault.remove(record.id)
}

async function file({ device, kept, index, isStray }: Writing): Promise<void> {
  const body = new TextEncoder().encode(`value ${index}`)
  await device.vault.appendLedger({ relationship: 'landlord', body })
  if (!isStray) kept.ledger.add(`value ${index}`)
}

async function find(
  { vault }: HouseholdDevice,
  title: string,
  { chosen, collection }: { readonly chosen: number; readonly collection?: string },
): Promise<VaultRecord | undefined> {
  const records = await allOf(vault.records(collection === undefined ? {} : { collection }))
  const found = records.filter((record) => record.title.startsWith(title))
  return found.length === 0 ? undefined : nth(found, chosen % found.length)
}
