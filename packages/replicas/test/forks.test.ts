import { nodeRandom } from 'muniment/platform'
import { expect, it } from 'vitest'
import { makeReplicaSecret } from '../src/index.ts'
import { type Device, person } from './support/people.ts'
import { unsafeTestingStorage } from './support/storages.ts'

async function framesTo(device: Device, from: Device): Promise<void> {
  for await (const { bundle } of from.log.frames({})) await device.log.receive(bundle)
}

it('the proof that a device forked is kept by a replica, and whoever restores from it knows', async () => {
  const [ana, place, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
  const [laptop, phone] = [await ana.device(), await ana.device()]
  const thief = await ana.device({ twinOf: laptop })
  await laptop.note('mine')
  await thief.note('as if mine')
  await framesTo(phone, laptop)
  await thief.replica(place, secret).push()
  await phone.replica(place, secret).push()

  expect(phone.log.forks()).toHaveLength(1)
  expect(await phone.replica(place, secret).check()).toMatchObject({ ok: true })
  const packs = place.objects.size
  await phone.replica(place, secret).push()
  expect(place.objects.size).toBe(packs)
  const fresh = await ana.device()
  await fresh.replica(place, secret).pull()
  expect(fresh.log.forks().map(({ device }) => device)).toEqual([laptop.id])
  expect(fresh.log.heads()[laptop.id]?.forkedAt).toBe(phone.log.heads()[laptop.id]?.forkedAt)
})

it('a fork that two replicas hold a side of each is known to whoever reads both', async () => {
  const [ana, left, right] = [person(), unsafeTestingStorage(), unsafeTestingStorage()]
  const [leftSecret, rightSecret] = [makeReplicaSecret(nodeRandom), makeReplicaSecret(nodeRandom)]
  const laptop = await ana.device()
  const thief = await ana.device({ twinOf: laptop })
  await laptop.note('mine')
  await thief.note('as if mine')
  await laptop.replica(left, leftSecret).push()
  await thief.replica(right, rightSecret).push()
  const fresh = await ana.device()
  await fresh.replica(left, leftSecret).pull()
  await fresh.replica(right, rightSecret).pull()

  expect(fresh.log.forks().map(({ device }) => device)).toEqual([laptop.id])
})

it('a laptop set back to an old copy of itself hears from a replica that it is one, and writes nothing', async () => {
  const [ana, place, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
  const laptop = await ana.device()
  await laptop.note('before the copy')
  await laptop.replica(place, secret).push()
  const copy = await ana.device({ twinOf: laptop })
  const { problems } = await copy.replica(place, secret).pull()

  expect(problems.map(({ code }) => code)).toContain('old_copy')
  await expect(copy.note('more')).rejects.toMatchObject({ code: 'ERR_ROLLED_BACK' })
})
