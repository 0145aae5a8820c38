import { eachSeed, patience } from '@muniment/compliance'
import { unsafeTestingCuts } from '../../log/test/support/actors.ts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Actor, allOf, hand, newDevice, newFamily, nth, payments } from './support/actors.ts'

const DEVICES = 5
/** The one that is removed. */
const THIEF = DEVICES - 1
const STEPS = 40
const CASES = 8

const device = fc.nat(DEVICES - 1)
const step = fc.record({
  kind: fc.constantFrom('create', 'edit', 'edit', 'import', 'hand', 'hand', 'hand', 'hear', 'restart'),
  device,
  other: device,
  pick: fc.nat(50),
})

interface Plan {
  readonly steps: readonly { kind: string; device: number; other: number; pick: number }[]
  /** The step before which the removal is written, somewhere. */
  readonly removedAt: number
  readonly isVoid: boolean
}

const plan: fc.Arbitrary<Plan> = fc.record({
  steps: fc.array(step, { minLength: STEPS, maxLength: STEPS, size: 'max' }),
  removedAt: fc.nat(STEPS - 10),
  isVoid: fc.boolean(),
})

/** Five devices of one person, each of which hears of the removal on its own. */
async function household() {
  const shared = newFamily()
  const families = Array.from({ length: DEVICES }, () => {
    const members = new Set<string>()
    return { ...shared, members, cuts: unsafeTestingCuts(members) }
  })
  const devices = await Promise.all(families.map((family) => newDevice(family)))
  for (const { members } of families) for (const { id } of devices) members.add(id)
  return { families, devices }
}

/** What a person sees on a device. */
async function sight({ vault }: Actor): Promise<unknown> {
  const order = (rows: readonly { device: string; seq: number }[]) =>
    rows.toSorted((a, b) => (a.device === b.device ? a.seq - b.seq : a.device < b.device ? -1 : 1))
  const records = await allOf(vault.records())
  return {
    records: records.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    conflicts: (await allOf(vault.conflicts())).map(({ id }) => id).toSorted(),
    counts: Object.fromEntries(vault.collections()),
    imports: vault
      .imports()
      .map(({ importId }) => importId)
      .toSorted(),
    quarantine: order(vault.quarantine()),
  }
}

type Household = Awaited<ReturnType<typeof household>>

async function act(
  { devices }: Household,
  { kind, device: at, other, pick }: Plan['steps'][number],
  cut: number | undefined,
): Promise<void> {
  const actor = nth(devices, at)
  const { vault } = actor
  const late = cut !== undefined && at === THIEF ? 'late ' : ''
  if (kind === 'create') await vault.create({ collection: 'note', title: `${late}note ${pick}`, fields: {} })
  if (kind === 'import') {
    const [bread] = payments(1)
    const drafts = bread ? [{ ...bread, title: `${late}bought ${pick}` }] : []
    await vault.addReceived(drafts, { assurance: 'sent', organisation: 'did:web:shop.example' })
  }
  if (kind === 'edit') {
    const records = await allOf(vault.records())
    const record = records[pick % Math.max(1, records.length)]
    if (record) await vault.edit(record.id, { fields: { [`by ${at}`]: `${late}${pick}` } })
  }
  if (kind === 'hand' && at !== other) await hand(actor, nth(devices, other))
}

/** A device hears of the removal, or is started again. */
async function happen(
  { devices, families }: Household,
  { kind, device: at }: Plan['steps'][number],
  cut: number | undefined,
): Promise<void> {
  if (kind === 'hear' && at !== THIEF && cut !== undefined) {
    nth(families, at).cuts.cut(nth(devices, THIEF).id, cut)
  }
  if (kind === 'restart') {
    await nth(devices, at).vault.close()
    devices[at] = await nth(devices, at).restart()
  }
}

async function allMeet(devices: readonly Actor[]): Promise<void> {
  // Whoever hears that a record of its edits is refused writes anew, so that there is more to hear.
  for (let round = 0; round < 3; round++) {
    for (const one of devices) for (const other of devices) if (one !== other) await hand(one, other)
  }
}

async function seesNothingLate({ vault }: Actor): Promise<void> {
  for await (const { title, fields } of vault.records()) {
    expect(title).not.toContain('late')
    for (const value of Object.values(fields)) expect(value).not.toContain('late')
  }
}

async function run({ steps, removedAt, isVoid }: Plan): Promise<void> {
  const home = await household()
  const { devices, families } = home
  let cut: number | undefined
  for (const [index, each] of steps.entries()) {
    if (index === removedAt) cut = nth(devices, THIEF).log.heads()[nth(devices, THIEF).id]?.seq ?? 0
    await act(home, each, cut)
    await happen(home, each, cut)
  }
  const thief = nth(devices, THIEF)
  const others = devices.filter((each) => each !== thief)
  for (const { cuts } of families.slice(0, THIEF)) cuts.cut(thief.id, cut ?? 0)
  // Some hear of what it wrote only now, from those that had not heard of the removal; and from itself.
  await hand(thief, nth(others, 0))
  await allMeet(others)
  const expected = await sight(nth(others, 0))
  for (const other of others) expect(await sight(other)).toEqual(expected)
  await seesNothingLate(nth(others, 0))
  if (!isVoid) return
  for (const { cuts } of families.slice(0, THIEF)) cuts.lift(thief.id)
  await allMeet(devices)
  const whole = await sight(thief)
  for (const other of others) expect(await sight(other)).toEqual(whole)
  expect(thief.vault.quarantine()).toEqual([])
}

it(
  'four devices that hear of the removal of the fifth in any order come to the same vault, without what it wrote after',
  async () => {
    await eachSeed((seed) =>
      fc.assert(fc.asyncProperty(plan, run), { seed, numRuns: CASES, endOnFailure: true }),
    )
  },
  patience(60_000),
)
