import { eachSeed, patience } from '@muniment/compliance'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allOf, framesOf } from '../../log/test/support/actors.ts'
import {
  connect,
  family,
  type Family,
  meet,
  newSyncDevice,
  note,
  nth,
  type SyncActor,
  textsOf,
  withSync,
} from './support/actors.ts'

const DEVICES = 5
/** What is done in each case, and the cases of a round: 2 % of those of the deep lane. */
const STEPS = 40
const CASES = 10
const device = fc.nat({ max: DEVICES - 1 })

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('write' as const),
      who: device,
      notes: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('meet until cut' as const),
      who: device,
      whom: device,
      messages: fc.nat({ max: 14 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('get frames in any order, twice' as const),
      who: device,
      whom: device,
      order: fc.infiniteStream(fc.nat()),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('restart' as const), who: device }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

test(
  'devices that write, part, meet, lose the line and start again agree as soon as they all meet',
  async () => {
    await eachSeed((seed) =>
      fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: STEPS, size: 'max' }), async (steps) => {
          const alices = await family()
          const devices: SyncActor[] = []
          for (let index = 0; index < DEVICES; index++) devices.push(await newSyncDevice(alices))
          const written = new Map<string, string[]>(devices.map(({ id }) => [id, []]))
          for (const [index, each] of steps.entries()) await take(alices, devices, { each, index, written })
          for (const left of devices) for (const right of devices) if (left !== right) await meet(left, right)
          for (const left of devices) for (const right of devices) if (left !== right) await meet(left, right)
          for (const { log } of devices) {
            expect(log.heads()).toEqual(nth(devices, 0).log.heads())
            expect(log.forks()).toEqual([])
            for (const [id, texts] of written) expect(await textsOf(log, id)).toEqual(texts)
          }
        }),
        { numRuns: CASES, seed },
      ),
    )
  },
  patience(60_000),
)

async function take(
  alices: Family,
  devices: SyncActor[],
  { each, index, written }: { each: Step; index: number; written: Map<string, string[]> },
): Promise<void> {
  const who = nth(devices, each.who)
  if (each.does === 'write') {
    const texts = Array.from({ length: each.notes }, (_, at) => `${index}.${at}`)
    await who.log.append(texts.map((text) => note(alices, text)))
    written.get(who.id)?.push(...texts)
    return
  }
  if (each.does === 'restart') {
    const again = await who.restart()
    again.log.knownOffline()
    devices[each.who] = withSync(alices, again)
    return
  }
  const whom = nth(devices, each.whom)
  if (who === whom) return
  if (each.does === 'meet until cut') {
    const connection = connect(who, whom, { messages: each.messages })
    await Promise.race([connection.ends, new Promise((resolve) => setImmediate(resolve))])
    connection.cut()
    await connection.ends
    return
  }
  const frames = await framesOf(whom.log)
  const shuffled = [...frames, ...frames]
    .map((frame) => ({ frame, place: each.order.next().value ?? 0 }))
    .toSorted((one, two) => one.place - two.place)
  await who.log.receiveAll(shuffled.map(({ frame }) => frame.bundle))
  for (const { device: author } of frames) await allOf(who.log.entries(author))
}
