import { describe, expect, test } from 'vitest'
import { MAX_RIVAL_FRAMES } from '../src/index.ts'
import {
  type Actor,
  allOf,
  family,
  type Family,
  framesOf,
  hand,
  newDevice,
  note,
  textsOf,
  nth,
} from './support/actors.ts'

/** Mallory's device with two histories that agree up to "common". */
async function twoHistories(alices: Family, left: string[], right: string[]): Promise<[Actor, Actor]> {
  const one = await newDevice(alices)
  await one.log.append([note(alices, 'common')])
  const two = await one.restart(one.store.copy())
  two.log.knownOffline()
  for (const text of left) await one.log.append([note(alices, text)])
  for (const text of right) await two.log.append([note(alices, text)])
  return [one, two]
}

describe('a device that signs two histories', () => {
  test('both are kept, the proof is shown, and both readers see the same', async () => {
    const alices = await family()
    const [one, two] = await twoHistories(alices, ['pay Bob', 'then'], ['pay Carol'])
    const [laptop, phone] = [await newDevice(alices), await newDevice(alices)]
    const seen: number[] = []
    laptop.log.onFork(({ seq }) => seen.push(seq))
    await hand(one.log, laptop.log)
    await hand(two.log, phone.log)
    expect(await textsOf(laptop.log, one.id)).toEqual(['common', 'pay Bob', 'then'])
    const [theirs, ours] = [await framesOf(two.log), await framesOf(one.log)]
    await laptop.log.receiveAll(theirs.map(({ bundle }) => bundle))
    await phone.log.receiveAll(ours.map(({ bundle }) => bundle))
    for (const { log } of [laptop, phone]) {
      expect(await textsOf(log, one.id)).toEqual(['common'])
      expect(log.forks().map(({ device, seq }) => [device, seq])).toEqual([[one.id, 3]])
      expect(log.seen()[one.id]).toBe(2)
      expect(await allOf(log.evidence(one.id))).toHaveLength(log === laptop.log ? 2 : 3)
    }
    expect(seen).toEqual([3])
    const again = await laptop.restart()
    expect(await textsOf(again.log, one.id)).toEqual(['common'])
    expect(again.log.forks()).toEqual(laptop.log.forks())
  })

  test('its later entries are kept, and not delivered', async () => {
    const alices = await family()
    const [one, two] = await twoHistories(alices, ['a'], ['b'])
    const laptop = await newDevice(alices)
    await hand(one.log, laptop.log)
    await laptop.log.receiveAll((await framesOf(two.log)).map(({ bundle }) => bundle))
    await one.log.append([note(alices, 'later')])
    await hand(one.log, laptop.log)
    expect(laptop.log.heads()[one.id]).toMatchObject({ seq: 4, forkedAt: 3 })
    expect(await textsOf(laptop.log, one.id)).toEqual(['common'])
  })

  test('the place of the fork is found even when the later frame of the other history comes first', async () => {
    const alices = await family()
    const [one, two] = await twoHistories(alices, ['a', 'b'], ['c', 'd'])
    const laptop = await newDevice(alices)
    await hand(one.log, laptop.log)
    const frames = await framesOf(two.log)
    await laptop.log.receive(nth(frames, 2).bundle)
    expect(laptop.log.forks()[0]?.seq).toBe(4)
    await laptop.log.receive(nth(frames, 1).bundle)
    expect(laptop.log.forks()[0]?.seq).toBe(3)
    expect(await textsOf(laptop.log, one.id)).toEqual(['common'])
  })

  test('nobody can make an honest device look forked', async () => {
    const alices = await family()
    const [laptop, phone] = [await newDevice(alices), await newDevice(alices)]
    for (const text of ['a', 'b']) await laptop.log.append([note(alices, text)])
    await hand(laptop.log, phone.log)
    const frames = (await framesOf(laptop.log)).map(({ bundle }) => bundle)
    for (const bundle of frames) {
      const changed = bundle.slice()
      changed.set([(changed.at(-1) ?? 0) ^ 1], changed.length - 1)
      await phone.log.receive(changed)
    }
    await phone.log.receiveAll([...frames].reverse())
    expect(phone.log.forks()).toEqual([])
  })

  test('a device that forks without end does not fill the disk', async () => {
    const alices = await family()
    const many = Array.from({ length: MAX_RIVAL_FRAMES + 20 }, (_, index) => `branch ${index}`)
    const [one, two] = await twoHistories(alices, ['a'], many)
    const laptop = await newDevice(alices)
    await hand(one.log, laptop.log)
    await laptop.log.receiveAll((await framesOf(two.log)).map(({ bundle }) => bundle))
    expect(await allOf(laptop.log.evidence(one.id))).toHaveLength(MAX_RIVAL_FRAMES + 1)
  })

  test('landmarks lead to where two histories part', async () => {
    const alices = await family()
    const { log, id } = await newDevice(alices)
    for (let index = 0; index < 40; index++) await log.append([note(alices, String(index))])
    const landmarks = await log.landmarks(id)
    expect(landmarks.length).toBeLessThan(12)
    for (const { seq, hash } of landmarks) expect(await log.hasFrame(id, seq, hash)).toBe(true)
    expect(await log.hasFrame(id, 3, 'A'.repeat(43))).toBe(false)
  })
})
