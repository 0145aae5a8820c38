import { beforeEach, describe, expect, test } from 'vitest'
import { mendLog } from '../src/index.ts'
import {
  type Actor,
  allOf,
  type Family,
  family,
  framesOf,
  hand,
  newDevice,
  note,
  nth,
  textsOf,
  VAULT,
} from './support/actors.ts'
import { nodeCryptography as cryptography } from 'muniment/platform'

const TEXTS = ['a', 'b', 'c', 'd', 'e', 'f']

let alices: Family
let laptop: Actor
let phone: Actor

/** A laptop that wrote six frames of one note, the first with its session entry, all of which the phone has. */
beforeEach(async () => {
  alices = await family()
  laptop = await newDevice(alices)
  phone = await newDevice(alices)
  for (const text of TEXTS) await laptop.log.append([note(alices, text)])
  await hand(laptop.log, phone.log)
})

/** The disk of a device loses rows, and the device is started again on what is left. */
async function afterLosing(
  actor: Actor,
  device: string,
  firsts: readonly number[],
  heads = false,
): Promise<Actor> {
  const frames = actor.store.tables.get(`log/frames/${device}`)
  for (const first of firsts) expect(frames?.delete(first)).toBe(true)
  if (heads) actor.store.tables.delete('log/heads')
  await mendLog({ cryptography, store: actor.store }, { vault: VAULT, devices: [actor.id, device] })
  return actor.restart()
}

/** What the device that lost frames is given, as sync does it. */
async function refill(from: Actor, to: Actor, device: string): Promise<readonly string[]> {
  const outcomes: string[] = []
  for (const { first } of to.log.holes().get(device) ?? []) {
    const frames = await framesOf(from.log, { [from.id]: Infinity, [device]: first - 1 })
    for (const outcome of await to.log.receiveAll(frames.map(({ bundle }) => bundle)))
      outcomes.push(outcome.ok ? (outcome.isNew ? 'new' : 'held') : nth(outcome.problems, 0).code)
  }
  return outcomes
}

describe('a disk that lost frames of a log', () => {
  test('what stands before and after them is still read, and they are known to be lost', async () => {
    const mended = await afterLosing(phone, laptop.id, [4])

    expect(mended.log.holes().get(laptop.id)).toEqual([{ first: 4, last: 4 }])
    expect(await textsOf(mended.log, laptop.id)).toEqual(['a', 'b', 'd', 'e', 'f'])
    expect((await allOf(mended.log.entries(laptop.id, { from: 5 }))).map(({ seq }) => seq)).toEqual([5, 6, 7])
    expect(await allOf(mended.log.entries(laptop.id, { from: 4, to: 4 }))).toEqual([])
    expect(mended.log.heads()[laptop.id]).toEqual(laptop.log.heads()[laptop.id])
  })

  test('they are taken back from another device, and nothing else is taken twice', async () => {
    const mended = await afterLosing(phone, laptop.id, [1, 4, 5, 7])

    expect((await refill(laptop, mended, laptop.id)).filter((outcome) => outcome === 'new')).toHaveLength(4)
    expect(mended.log.holes().get(laptop.id)).toEqual([])
    expect(await textsOf(mended.log, laptop.id)).toEqual(TEXTS)
    expect(await textsOf((await mended.restart()).log, laptop.id)).toEqual(TEXTS)
  })

  test('who takes its own lost frames back goes on writing: it is no old copy', async () => {
    const mended = await afterLosing(laptop, laptop.id, [4, 7])
    await refill(phone, mended, laptop.id)

    expect(mended.log.isRolledBack).toBe(false)
    await mended.log.confirmHead(phone.log.heads()[laptop.id])
    await mended.log.append([note(alices, 'g')])
    expect(await textsOf(mended.log, laptop.id)).toEqual([...TEXTS, 'g'])
  })

  test('the heads are made anew from the frames when they are lost too', async () => {
    const mended = await afterLosing(phone, laptop.id, [4], true)

    expect(mended.log.heads()).toEqual(laptop.log.heads())
    expect(mended.log.holes().get(laptop.id)).toEqual([{ first: 4, last: 4 }])
  })

  test('who lost the end of its own log and the count of it may not write as if nothing had been there', async () => {
    const mended = await afterLosing(laptop, laptop.id, [6, 7], true)

    await expect(mended.log.confirmHead(phone.log.heads()[laptop.id])).rejects.toMatchObject({
      code: 'ERR_ROLLED_BACK',
    })
    await expect(mended.log.append([note(alices, 'g')])).rejects.toMatchObject({
      code: 'ERR_HEAD_UNCONFIRMED',
    })
  })

  test('frames after a hole are not passed on before it is filled, and those before it are', async () => {
    const mended = await afterLosing(phone, laptop.id, [4])
    const tablet = await newDevice(alices)
    await hand(mended.log, tablet.log)

    expect(await textsOf(tablet.log, laptop.id)).toEqual(['a', 'b'])
  })

  test('a frame that does not follow the one before the hole does not fill it', async () => {
    const twin = await laptop.restart(laptop.store.copy())
    const mended = await afterLosing(phone, laptop.id, [6, 7])
    const frames = twin.store.tables.get(`log/frames/${laptop.id}`)
    for (const first of [6, 7]) frames?.delete(first)
    twin.store.tables.get('log/heads')?.delete(laptop.id)
    await mendLog({ cryptography, store: twin.store }, { vault: VAULT, devices: [laptop.id] })
    const liar = await twin.restart()
    liar.log.knownOffline()
    await liar.log.append([note(alices, 'another'), note(alices, 'end')])

    expect(await refill(liar, mended, laptop.id)).toEqual(['fork'])
    expect(await refill(laptop, mended, laptop.id)).toEqual(['new', 'new'])
  })

  test('a look through all frames finds what was lost meanwhile, and what is back', async () => {
    const frames = phone.store.tables.get(`log/frames/${laptop.id}`)
    const lost = frames?.get(4) ?? new Uint8Array(0)
    frames?.delete(4)

    expect([...(await phone.log.audit())]).toEqual([[laptop.id, [{ first: 4, last: 4 }]]])
    frames?.set(4, lost)
    expect([...(await phone.log.audit())]).toEqual([])
    expect(await textsOf(phone.log, laptop.id)).toEqual(TEXTS)
  })
})
