import { nodeCryptography as cryptography } from 'muniment/platform'
import { mendLog } from '@muniment/log'
import { describe, expect, test } from 'vitest'
import { VAULT } from '../../log/test/support/actors.ts'
import {
  connect,
  type Family,
  family,
  meet,
  newSyncDevice,
  note,
  type SyncActor,
  textsOf,
  until,
  withSync,
} from './support/actors.ts'

/** A laptop with so many frames, all of which the phone has. */
async function laptopAndPhone(
  frames: number,
): Promise<{ alices: Family; laptop: SyncActor; phone: SyncActor }> {
  const alices = await family()
  const [laptop, phone] = [await newSyncDevice(alices), await newSyncDevice(alices)]
  for (let frame = 0; frame < frames; frame++) await laptop.log.append([note(alices, `note ${frame}`)])
  await meet(laptop, phone)
  return { alices, laptop, phone }
}

/** The phone's disk loses frames of a device, and it starts again. */
async function afterLosing(
  alices: Family,
  actor: SyncActor,
  { device, isLost }: { device: string; isLost: (first: number) => boolean },
): Promise<SyncActor> {
  const frames = actor.store.tables.get(`log/frames/${device}`)
  for (const first of frames?.keys() ?? []) if (isLost(Number(first))) frames?.delete(first)
  await mendLog({ cryptography, store: actor.store }, { vault: VAULT, devices: [] })
  return withSync(alices, await actor.restart())
}

const isWhole = ({ log }: SyncActor): boolean => [...log.holes().values()].every(({ length }) => length === 0)

describe('a device whose disk lost frames', () => {
  test('has them back when it meets another one', async () => {
    const { alices, laptop, phone } = await laptopAndPhone(20)
    const texts = await textsOf(laptop.log, laptop.id)
    const mended = await afterLosing(alices, phone, { device: laptop.id, isLost: (first) => first % 3 === 1 })
    expect(isWhole(mended)).toBe(false)
    const connection = connect(mended, laptop)
    await until([mended], () => isWhole(mended))
    connection.stop()
    await connection.ends

    expect(await textsOf(mended.log, laptop.id)).toEqual(texts)
  })

  test('has its own back too, and goes on writing', async () => {
    const { alices, laptop, phone } = await laptopAndPhone(10)
    const mended = await afterLosing(alices, laptop, {
      device: laptop.id,
      isLost: (first) => first > 3 && first < 7,
    })
    const connection = connect(mended, phone)
    await until([mended], () => isWhole(mended))
    await mended.log.append([note(alices, 'after')])
    await until([phone], () => phone.log.heads()[laptop.id]?.seq === mended.log.heads()[laptop.id]?.seq)
    connection.stop()
    await connection.ends

    expect(await textsOf(phone.log, laptop.id)).toEqual(await textsOf(mended.log, laptop.id))
  })

  test('asks again for what one answer does not bring', async () => {
    const { alices, laptop, phone } = await laptopAndPhone(600)
    const mended = await afterLosing(alices, phone, { device: laptop.id, isLost: (first) => first > 1 })
    const connection = connect(laptop, mended)
    await until([mended], () => isWhole(mended))
    connection.stop()
    await connection.ends

    expect(await textsOf(mended.log, laptop.id)).toHaveLength(600)
  })

  test('has them from whichever device still has them, when another one lost the same', async () => {
    const { alices, laptop, phone } = await laptopAndPhone(10)
    const tablet = await newSyncDevice(alices)
    await meet(phone, tablet)
    const losing = { device: laptop.id, isLost: (first: number) => first === 5 }
    const mended = await afterLosing(alices, phone, losing)
    const other = await afterLosing(alices, tablet, losing)
    const useless = connect(mended, other)
    await mended.log.confirmHead(undefined)
    await mended.log.append([note(alices, 'still talking')])
    await until([other], () => mended.id in other.log.heads())
    useless.stop()
    await useless.ends
    expect(isWhole(mended)).toBe(false)
    const connection = connect(mended, laptop)
    await until([mended], () => isWhole(mended))
    connection.stop()
    await connection.ends

    expect(await textsOf(mended.log, laptop.id)).toHaveLength(10)
  })
})
