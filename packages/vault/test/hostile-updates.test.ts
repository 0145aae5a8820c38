import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { type Actor, type Family, hand, meet, newDevice, newFamily, recordOf } from './support/actors.ts'
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
async function isRefused({ family, alice, mallory, id, shard }: Scene, update: Uint8Array): Promise<void> {
  const before = await recordOf(alice, id)
  await appendUpdate(family, mallory, { shard, update })
  await hand(mallory, alice)
  expect(await recordOf(alice, id)).toEqual(before)
  expect(alice.vault.quarantine()).toMatchObject([
    { device: mallory.id, problems: [{ message: expect.any(String) }] },
  ])
  await alice.vault.edit(id, { fields: { note: 'still here' } })
  await hand(alice, mallory)
  for (const device of [alice, mallory]) {
    expect((await recordOf(device, id)).fields).toEqual({ state: 'withdrawn', note: 'still here' })
  }
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
    await isRefused(stage, update)
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
    )
  })

  it("cannot write in another device's name", async () => {
    const stage = await scene()
    const doc = await documentOf(stage.mallory, stage.shard)
    const update = updateOf(doc, stage.alice.client, (fields) => {
      fields.set(`0/=state/${stage.alice.client}`, new Uint8Array([1]))
    })
    await isRefused(stage, update)
  })

  it("cannot write into another device's slot", async () => {
    const stage = await scene()
    const doc = await documentOf(stage.mallory, stage.shard)
    const [key = '', value] = [...doc.getMap('fields')].find(([name]) => name.includes('=state')) ?? []
    await isRefused(
      stage,
      updateOf(doc, stage.mallory.client, (fields) => fields.set(key, value)),
    )
  })

  it('cannot delete what another device wrote', async () => {
    const stage = await scene()
    const doc = await documentOf(stage.mallory, stage.shard)
    const own = `0/=x/${stage.mallory.client}`
    const update = updateOf(doc, stage.mallory.client, (fields) => {
      for (const key of fields.keys()) fields.delete(key)
      fields.set(own, new Uint8Array([1]))
    })
    await isRefused(stage, update)
  })

  it('cannot hide anything outside the fields, in a nested type, text or plain value', async () => {
    const changes: ((doc: Y.Doc, own: string) => void)[] = [
      (doc) => doc.getText('other').insert(0, 'hidden'),
      (doc) => doc.getMap('other').set('key', new Uint8Array([1])),
      (doc, own) => doc.getMap('fields').set(own, new Y.Map()),
      (doc, own) => doc.getMap('fields').set(own, 'text'),
      (doc, own) => doc.getMap('fields').set(own, new Uint8Array([0xff])),
      (doc) => doc.getMap('fields').set('no key of ours', new Uint8Array([1])),
    ]
    for (const change of changes) {
      const stage = await scene()
      const doc = await documentOf(stage.mallory, stage.shard)
      const update = updateOf(doc, stage.mallory.client, () => change(doc, `0/=x/${stage.mallory.client}`))
      await isRefused(stage, update)
    }
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
