import { describe, expect, test } from 'vitest'
import { MAX_ENTRIES_BEYOND_CUT } from '../src/index.ts'
import { family, framesOf, hand, newDevice, note, nth, textsOf } from './support/actors.ts'

/** A laptop and a tablet that wrote four notes, each a frame; the session entry before them has number 1. */
async function laptopAndTablet() {
  const alices = await family()
  const [laptop, tablet] = [await newDevice(alices), await newDevice(alices)]
  for (const text of ['one', 'two', 'three', 'four']) await tablet.log.append([note(alices, text)])
  return { alices, laptop, tablet }
}

describe('a device that was removed', () => {
  test('what it wrote up to the cut counts, what it wrote after is held and shown and does not count', async () => {
    const { alices, laptop, tablet } = await laptopAndTablet()
    await hand(tablet.log, laptop.log)
    let news = 0
    laptop.log.onCut(() => news++)
    alices.cuts.cut(tablet.id, 3)
    expect(news).toBe(1)
    expect(await textsOf(laptop.log, tablet.id)).toEqual(['one', 'two'])
    expect(laptop.log.seen()[tablet.id]).toBe(3)
    expect(laptop.log.quarantined()).toEqual([{ device: tablet.id, first: 4, last: 5 }])
    const again = await laptop.restart()
    expect(await textsOf(again.log, tablet.id)).toEqual(['one', 'two'])
  })

  test('a phone that was away all the time gets what counts from the laptop', async () => {
    const { alices, laptop, tablet } = await laptopAndTablet()
    await hand(tablet.log, laptop.log)
    const phone = await newDevice(alices)
    alices.cuts.cut(tablet.id, 3)
    await hand(laptop.log, phone.log)
    expect(await textsOf(phone.log, tablet.id)).toEqual(['one', 'two'])
  })

  test('it cannot fill the disks of the others', async () => {
    const { alices, laptop, tablet } = await laptopAndTablet()
    await hand(tablet.log, laptop.log)
    const late = await tablet.restart(tablet.store.copy())
    late.log.knownOffline()
    for (let count = 0; count < MAX_ENTRIES_BEYOND_CUT; count += 100)
      await late.log.append(Array.from({ length: 100 }, () => note(alices, 'spam')))
    alices.cuts.cut(tablet.id, 5)
    const held = { [tablet.id]: 5 }
    const outcomes = await laptop.log.receiveAll((await framesOf(late.log, held)).map(({ bundle }) => bundle))
    expect(outcomes.at(-1)).toMatchObject({ ok: false, problems: [{ code: 'removed' }] })
    const [{ last } = { last: 0 }] = laptop.log.quarantined()
    expect(last).toBeGreaterThan(5)
    expect(last).toBeLessThanOrEqual(5 + MAX_ENTRIES_BEYOND_CUT)
    expect(await textsOf(laptop.log, tablet.id)).toEqual(['one', 'two', 'three', 'four'])
  })

  test('it writes no more, once it knows', async () => {
    const { alices, tablet } = await laptopAndTablet()
    alices.cuts.cut(tablet.id, 5)
    await expect(tablet.log.append([note(alices, 'five')])).rejects.toMatchObject({ code: 'ERR_REMOVED' })
    expect(await framesOf(tablet.log)).toHaveLength(4)
  })

  test('when the removal turns out to be void, all of it counts again', async () => {
    const { alices, laptop, tablet } = await laptopAndTablet()
    await hand(tablet.log, laptop.log)
    alices.cuts.cut(tablet.id, 2)
    expect(await textsOf(laptop.log, tablet.id)).toEqual(['one'])
    alices.cuts.lift(tablet.id)
    expect(await textsOf(laptop.log, tablet.id)).toEqual(['one', 'two', 'three', 'four'])
    expect(laptop.log.quarantined()).toEqual([])
    await tablet.log.append([note(alices, 'five')])
    await hand(tablet.log, laptop.log)
    expect(nth(await textsOf(laptop.log, tablet.id), 4)).toBe('five')
  })

  test('who writes afterwards does not say that it had seen what does not count', async () => {
    const { alices, laptop, tablet } = await laptopAndTablet()
    await hand(tablet.log, laptop.log)
    alices.cuts.cut(tablet.id, 3)
    await laptop.log.append([note(alices, 'mine')])
    for await (const { clocks } of laptop.log.entries(laptop.id, { from: 2 }))
      expect(clocks[tablet.id]).toBe(3)
  })
})
