import { expect, test } from 'vitest'
import {
  connect,
  family,
  meet,
  newSyncDevice,
  note,
  type SyncActor,
  textsOf,
  until,
  withSync,
} from './support/actors.ts'

/** Connects two devices until both know of so early a fork. */
async function meetAboutFork(left: SyncActor, right: SyncActor, seq: number): Promise<void> {
  const connection = connect(left, right)
  await until([left, right], () => [left, right].every(({ log }) => log.forks()[0]?.seq === seq))
  connection.stop()
  await connection.ends
}

test('a device that tells two stories is found out when two who heard them meet, and a third hears of it (T16)', async () => {
  const alices = await family()
  const [laptop, phone, tablet] = [
    await newSyncDevice(alices),
    await newSyncDevice(alices),
    await newSyncDevice(alices),
  ]
  const mallory = await newSyncDevice(alices)
  await mallory.log.append([note(alices, 'common')])
  const restarted = await mallory.restart(mallory.store.copy())
  restarted.log.knownOffline()
  const twin = withSync(alices, restarted)
  for (const text of ['pay Bob', 'b2', 'b3', 'b4']) await mallory.log.append([note(alices, text)])
  for (const text of ['pay Carol', 'c2']) await twin.log.append([note(alices, text)])
  await meet(mallory, laptop)
  await meet(twin, phone)
  expect(await textsOf(laptop.log, mallory.id)).toHaveLength(5)
  expect(await textsOf(phone.log, mallory.id)).toHaveLength(3)

  await meetAboutFork(laptop, phone, 3)
  await meetAboutFork(phone, tablet, 3)

  for (const honest of [laptop, phone, tablet]) {
    expect(await textsOf(honest.log, mallory.id)).toEqual(['common'])
    expect(honest.log.seen()[mallory.id]).toBe(2)
    const proofs = honest.log.forks()
    expect(proofs.map(({ device, seq }) => [device, seq])).toEqual([[mallory.id, 3]])
  }

  await laptop.log.append([note(alices, 'we are still talking')])
  const connection = connect(laptop, phone)
  await until([phone], () => phone.log.heads()[laptop.id]?.seq === 2)
  connection.stop()
  expect(await textsOf(phone.log, laptop.id)).toEqual(['we are still talking'])
})

test('two who know of a fork do not tell each other again', async () => {
  const alices = await family()
  const [laptop, phone, mallory] = [
    await newSyncDevice(alices),
    await newSyncDevice(alices),
    await newSyncDevice(alices),
  ]
  await mallory.log.append([note(alices, 'common')])
  const restarted = await mallory.restart(mallory.store.copy())
  restarted.log.knownOffline()
  const twin = withSync(alices, restarted)
  await mallory.log.append([note(alices, 'a')])
  await twin.log.append([note(alices, 'b')])
  await meet(mallory, laptop)
  await meet(twin, phone)
  await meetAboutFork(laptop, phone, 3)
  const commits = [laptop.store.commits, phone.store.commits]
  const connection = connect(laptop, phone)
  await laptop.log.append([note(alices, 'x')])
  await until([phone], () => laptop.id in phone.log.heads())
  connection.stop()
  expect([laptop.store.commits, phone.store.commits]).toEqual(commits.map((each) => each + 1))
})
