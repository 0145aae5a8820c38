import { nodeRandom } from 'muniment/platform'
import { expect, it } from 'vitest'
import { makeReplicaSecret } from '../src/index.ts'
import { type Device, person } from './support/people.ts'
import { unsafeTestingStorage } from './support/storages.ts'

/** The disk of a device loses a row of a log, which is noticed. */
async function loseFrame(device: Device, of: string, seq: number): Promise<void> {
  await device.store.commit([{ table: `log/frames/${of}`, key: seq, value: undefined }])
  await device.log.audit()
  expect(device.log.holes().get(of)).toEqual([{ first: seq, last: seq }])
}

async function bodies(device: Device, of: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(device.log.entries(of))
  return entries.map(({ body }) => Buffer.from(body ?? []).toString('base64'))
}

it('what the disk of a device lost comes back from a replica', async () => {
  const [ana, place, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
  const [laptop, phone] = [await ana.device(), await ana.device()]
  const replica = laptop.replica(place, secret)
  for (const size of [100, 200, 300]) {
    await laptop.write(size)
    await replica.push()
  }
  await phone.replica(place, secret).pull()
  await loseFrame(laptop, laptop.id, 3)
  await loseFrame(phone, laptop.id, 3)
  expect((await replica.pull()).problems).toEqual([])
  expect((await phone.replica(place, secret).pull()).problems).toEqual([])

  expect(laptop.log.holes().get(laptop.id)).toEqual([])
  expect(await bodies(laptop, laptop.id)).toHaveLength(4)
  expect(await bodies(phone, laptop.id)).toEqual(await bodies(laptop, laptop.id))
})

it('a pack with what this disk has lost is not given up, whatever is to be forgotten', async () => {
  const [ana, place, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
  const laptop = await ana.device()
  const replica = laptop.replica(place, secret)
  await laptop.write(100)
  await laptop.write(200)
  await laptop.write(300)
  await replica.push()
  await loseFrame(laptop, laptop.id, 3)
  await laptop.log.dropPayloads(laptop.id, [2])
  await replica.forget({ [laptop.id]: [2] })
  expect((await replica.check()).problems).toEqual([])
  await replica.pull()
  expect(laptop.log.holes().get(laptop.id)).toEqual([])
})
