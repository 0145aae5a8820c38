import { eachSeed } from '@muniment/compliance'
import { base64url } from '@muniment/crypto'
import fc from 'fast-check'
import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { type Actor, type Family, hand, meet, newDevice, newFamily, recordOf } from './support/actors.ts'
import { openShard, type WriteDraft } from '../src/shard.ts'
import { encodeSlot } from '../src/slot.ts'
import { appendUpdate, documentOf, updateOf } from './support/hostile.ts'

interface Scene {
  readonly family: Family
  readonly alice: Actor
  readonly mallory: Actor
  readonly id: string
  readonly shard: string
}

/** Alice's record, which Mallory's device has as well. */
async function scene(): Promise<Scene> {
  const family = newFamily()
  const [alice, mallory] = [await newDevice(family), await newDevice(family)]
  const id = await alice.vault.create({ collection: 'note', title: 'Consent', fields: { state: 'given' } })
  await alice.vault.edit(id, { fields: { state: 'withdrawn' } })
  await hand(alice, mallory)
  return { family, alice, mallory, id, shard: id.split('.')[0] ?? '' }
}

/** Mallory's update arrives; Alice's record is as it was, she can go on, and she sees what was refused. */
async function isRefused(
  { family, alice, mallory, id, shard }: Scene,
  update: Uint8Array,
  reason: RegExp,
): Promise<void> {
  const before = await recordOf(alice, id)
  await appendUpdate(family, mallory, { shard, update })
  await hand(mallory, alice)
  expect(await recordOf(alice, id)).toEqual(before)
  expect(alice.vault.quarantine()).toMatchObject([
    { device: mallory.id, problems: [{ message: expect.stringMatching(reason) }] },
  ])
  await alice.vault.edit(id, { fields: { note: 'still here' } })
  await hand(alice, mallory)
  for (const device of [alice, mallory]) {
    expect((await recordOf(device, id)).fields).toEqual({ state: 'withdrawn', note: 'still here' })
  }
}

/** What an honest device would write as a value. */
function value(text: string): Uint8Array {
  return encodeSlot(nodeRandom, { at: 1, seen: [], value: text })
}

/** lib0's variable-length number. */
function number(value: number): number[] {
  const bytes: number[] = []
  let left = value
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128)
  return [...bytes, left]
}

/** A V2 update from its sections: client, left clock, info, string, parent info, type, length, and the rest. */
function handMade(sections: {
  client?: number[]
  info?: number[]
  length?: number[]
  rest: number[]
}): Uint8Array {
  const { client = [], info = [], length = [], rest } = sections
  const parts = [[], client, [], [], info, [0], [], [], length]
  return Uint8Array.from([0, ...parts.flatMap((part) => number(part.length).concat(part)), ...rest])
}

describe('a member that sends what no honest device would', () => {
  it('cannot silence another device by the update that jumps its clock', async () => {
    const stage = await scene()
    // One GC of 2^40 clocks in Alice's name: Yjs would take everything she writes later as known and deleted.
    const update = handMade({
      client: signed(stage.alice.client),
      info: [0],
      length: signed(2 ** 40),
      rest: [1, 1, 2, 0],
    })
    const doc = await documentOf(stage.alice, stage.shard)
    Y.applyUpdateV2(doc, update)
    expect(Y.getState(doc.store, stage.alice.client)).toBe(2 ** 40 + 2)
    await isRefused(stage, update, /something else than values of fields/)
  })

  it('cannot jump its own clock either', async () => {
    const stage = await scene()
    await isRefused(
      stage,
      handMade({
        client: signed(stage.mallory.client),
        info: [0],
        length: signed(2 ** 40),
        rest: [1, 1, 0, 0],
      }),
      /something else than values of fields/,
    )
  })

  it("cannot write in another device's name", async () => {
    const stage = await scene()
    const doc = await documentOf(stage.mallory, stage.shard)
    const update = updateOf(doc, stage.alice.client, (fields) => {
      fields.set(`0/=state/${stage.alice.client}`, value('given'))
    })
    await isRefused(stage, update, /another device's name/)
  })

  it("cannot write into another device's slot", async () => {
    const stage = await scene()
    const doc = await documentOf(stage.mallory, stage.shard)
    const key = `0/=state/${stage.alice.client}`
    expect(doc.getMap('fields').has(key)).toBe(true)
    const over = updateOf(doc, stage.mallory.client, (fields) => fields.set(key, value('given')))
    await isRefused(stage, over, /builds on another device's slot/)
    const other = await scene()
    const fresh = updateOf(new Y.Doc(), other.mallory.client, (fields) => {
      fields.set(`0/=state/${other.alice.client}`, value('given'))
    })
    await isRefused(other, fresh, /where another device writes/)
  })

  it('cannot leave out an update of its own, nor send one twice', async () => {
    const stage = await scene()
    const doc = await documentOf(stage.mallory, stage.shard)
    const key = `0/=x/${stage.mallory.client}`
    const first = updateOf(doc, stage.mallory.client, (fields) => fields.set(key, value('1')))
    const second = updateOf(doc, stage.mallory.client, (fields) => fields.set(key, value('2')))
    await isRefused(stage, second, /does not continue where its device stopped/)
    const other = await scene()
    for (const update of [first, first])
      await appendUpdate(other.family, other.mallory, { shard: other.shard, update })
    await hand(other.mallory, other.alice)
    expect(other.alice.vault.quarantine()).toHaveLength(1)
    expect((await recordOf(other.alice, other.id)).fields).toEqual({ state: 'withdrawn', x: '1' })
  })

  it('cannot delete what another device wrote', async () => {
    const stage = await scene()
    const doc = await documentOf(stage.mallory, stage.shard)
    const own = `0/=x/${stage.mallory.client}`
    const update = updateOf(doc, stage.mallory.client, (fields) => {
      for (const key of fields.keys()) fields.delete(key)
      fields.set(own, value('mine'))
    })
    await isRefused(stage, update, /deletes what another device wrote/)
  })

  it('cannot hide anything outside the fields, in a nested type, text or plain value', async () => {
    const changes: [RegExp, (doc: Y.Doc, own: string) => void][] = [
      [/something else/, (doc) => doc.getText('other').insert(0, 'hidden')],
      [/outside the fields/, (doc) => doc.getMap('other').set('key', value('x'))],
      [/something else/, (doc, own) => doc.getMap('fields').set(own, new Y.Map())],
      [/something else/, (doc, own) => doc.getMap('fields').set(own, 'text')],
      [/not one of a field/, (doc, own) => doc.getMap('fields').set(own, new Uint8Array([0xff]))],
      [/where another device writes/, (doc) => doc.getMap('fields').set('no key of ours', value('x'))],
      [/where another device writes/, (doc, own) => doc.getMap('fields').set(`9999${own}`, value('x'))],
    ]
    for (const [reason, change] of changes) {
      const stage = await scene()
      const doc = await documentOf(stage.mallory, stage.shard)
      const update = updateOf(doc, stage.mallory.client, () => change(doc, `0/=x/${stage.mallory.client}`))
      await isRefused(stage, update, reason)
    }
  })

  it('cannot half apply an update by breaking its bytes: it is applied whole or not at all', async () => {
    const components = { cryptography: nodeCryptography, random: nodeRandom }
    const id = base64url(nodeRandom(16))
    const author = openShard(components, { id })
    const write = (index: number, text: string): WriteDraft => ({
      index,
      property: '=x',
      seen: [],
      value: text,
    })
    const first = author.draft(7, 1, [write(1, 'a'), write(2, 'b')])
    author.apply(7, first)
    const second = author.draft(7, 2, [write(1, 'c'), write(3, 'd')])
    await eachSeed((seed) =>
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.nat(second.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
          fc.option(fc.nat(second.length), { nil: undefined }),
          (flips, cut) => {
            const broken = second.slice(0, cut)
            for (const [at, byte] of flips) if (at < broken.length) broken[at] = byte
            const shard = openShard(components, { id, updates: [first] })
            const before = shard.snapshot()
            const outcome = shard.apply(7, broken)
            if (outcome.ok) return
            expect(shard.snapshot()).toEqual(before)
            expect(shard.apply(7, second).ok).toBe(true)
          },
        ),
        { numRuns: 400, seed },
      ),
    )
  })

  it('cannot fill the memory with a few bytes that stand for very many structs', async () => {
    const stage = await scene()
    const client = signed(stage.mallory.client)
    const many = number(2 ** 50)
    const started = performance.now()
    // Infinitely many GCs (run-length), infinitely many JSON values, and infinitely many items.
    const runs = [0, 2, 0x23]
    for (const [at, info] of runs.entries()) {
      const update = handMade({ client, info: [info], length: [65, ...many], rest: [1, ...many, 0] })
      await appendUpdate(stage.family, stage.mallory, { shard: stage.shard, update })
      await hand(stage.mallory, stage.alice)
      expect(stage.alice.vault.quarantine()).toHaveLength(at + 1)
    }
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('cannot replace a value that it has not seen, so it cannot silence what comes later', async () => {
    const stage = await scene()
    const { alice, mallory, id } = stage
    await mallory.vault.edit(id, { fields: { state: 'given' } })
    await alice.vault.edit(id, { fields: { state: 'withdrawn for good' } })
    await meet(alice, mallory)
    const { conflicts = [] } = await recordOf(alice, id)
    expect(new Set(conflicts.flatMap(({ values }) => values.map(({ value }) => value)))).toEqual(
      new Set(['given', 'withdrawn for good']),
    )
  })

  it('whatever it replaces or removes says who did it, and can be undone', async () => {
    const { alice, mallory, id } = await scene()
    await mallory.vault.edit(id, { fields: { state: 'given' } })
    await mallory.vault.remove(id)
    await hand(mallory, alice)
    expect(await alice.vault.record(id)).toBeUndefined()
    await alice.vault.restore(id)
    const record = await recordOf(alice, id)
    expect(record.edited).toMatchObject([{ field: 'state', device: mallory.id }])
    await alice.vault.edit(id, { fields: { state: 'withdrawn' } })
    expect((await recordOf(alice, id)).fields).toEqual({ state: 'withdrawn' })
  })

  it('garbage in place of an entry is listed and changes nothing', async () => {
    const { family, alice, mallory, id } = await scene()
    const [key = ''] = await family.keys.create(1)
    for (const kind of ['segment', 'shard', 'settings', 'forget', 'ledger'] as const) {
      await mallory.log.append([{ kind, body: new Uint8Array([0xa1, 1, 2, 3]), key }])
    }
    await hand(mallory, alice)
    expect(alice.vault.quarantine().map(({ kind }) => kind)).toEqual([
      'segment',
      'shard',
      'settings',
      'forget',
      'ledger',
    ])
    expect((await recordOf(alice, id)).fields).toEqual({ state: 'withdrawn' })
  })
})

/** lib0's signed number, as the run-length sections hold it: six bits in the first byte. */
function signed(value: number): number[] {
  if (value < 64) return [value]
  return [(value % 64) | 128, ...number(Math.floor(value / 64))]
}
