import { nodeRandom } from 'muniment/platform'
import { expect, it } from 'vitest'
import { makeReplicaSecret } from '../src/index.ts'
import { type Device, person } from './support/people.ts'
import { type UnsafeTestingStorage, unsafeTestingStorage } from './support/storages.ts'

interface Pair {
  readonly laptop: Device
  readonly phone: Device
  readonly place: UnsafeTestingStorage
  readonly secret: Uint8Array
}

async function pair(): Promise<Pair> {
  const ana = person()
  const [laptop, phone] = [await ana.device(), await ana.device()]
  return { laptop, phone, place: unsafeTestingStorage(), secret: makeReplicaSecret(nodeRandom) }
}

const codes = ({
  problems,
}: {
  readonly problems: readonly { readonly code: string }[]
}): readonly string[] => problems.map(({ code }) => code)

it('what the laptop saw in a synced folder the phone knows of: it has not arrived there yet, and pushing goes on', async () => {
  const { laptop, phone, place, secret } = await pair()
  const side = unsafeTestingStorage()
  const [atLaptop, atPhone] = [laptop.replica(place, secret), phone.replica(side, secret)]
  await laptop.write(100)
  await atLaptop.push()
  const memory = (await atLaptop.memory()) ?? new Uint8Array(0)
  await atPhone.remember(memory)
  await phone.write(100)

  expect(codes(await atPhone.pull())).toEqual(['not_arrived'])
  expect(await atPhone.push()).toMatchObject({ packs: 1 })
  for (const [name, bytes] of place.objects) side.objects.set(name, bytes)
  const arrived = phone.replica(side, secret)
  expect(codes(await arrived.pull())).toEqual([])
  await arrived.push()
  expect(await arrived.check()).toMatchObject({ ok: true })
})

it('what a device has seen itself must be there ever after, also after it was started again', async () => {
  const { laptop, phone, place, secret } = await pair()
  await laptop.write(100)
  await laptop.replica(place, secret).push()
  const before = new Map(place.objects)
  await laptop.write(100)
  await laptop.replica(place, secret).push()
  await phone.replica(place, secret).pull()
  place.objects.clear()
  for (const [name, bytes] of before) place.objects.set(name, bytes)

  expect(codes(await phone.replica(place, secret).pull())).toContain('rolled_back')
  await expect(phone.replica(place, secret).push()).rejects.toMatchObject({ code: 'ERR_REPLICA_ROLLED_BACK' })
  const fresh = await person().device()
  expect(await fresh.replica(place, secret).memory()).toBeUndefined()
})

it('a repair by one device does not hide what only another one can write again', async () => {
  const { laptop, phone, place, secret } = await pair()
  const [atLaptop, atPhone] = [laptop.replica(place, secret), phone.replica(place, secret)]
  await laptop.write(100)
  await atLaptop.push()
  const before = new Map(place.objects)
  await phone.write(200)
  await atPhone.push()
  await atLaptop.check()
  await expect(atLaptop.push()).resolves.toMatchObject({ packs: 0 })
  place.objects.clear()
  for (const [name, bytes] of before) place.objects.set(name, bytes)
  await atLaptop.repair()

  expect(codes(await atLaptop.check())).toEqual(['unfinished'])
  await atPhone.push()
  expect(await atLaptop.check()).toMatchObject({ ok: true })
})

it('a memory that is not of this vault, or is altered, is not taken in', async () => {
  const { laptop, phone, place, secret } = await pair()
  await laptop.replica(place, secret).push()
  const memory = (await laptop.replica(place, secret).memory()) ?? new Uint8Array(0)
  const altered = memory.map((byte, at) => (at === memory.length - 1 ? byte ^ 1 : byte))
  await expect(phone.replica(place, secret).remember(altered)).rejects.toMatchObject({
    code: 'ERR_BAD_SIGNATURE',
  })
  const stranger = await person().device()
  await expect(stranger.replica(place, secret).remember(memory)).rejects.toMatchObject({
    code: 'ERR_BAD_SIGNATURE',
  })
  await expect(phone.replica(place, secret).remember(nodeRandom(99))).rejects.toMatchObject({
    code: 'ERR_MALFORMED',
  })
})
