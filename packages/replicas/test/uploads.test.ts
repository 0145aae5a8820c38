import { nodeRandom } from 'muniment/platform'
import { describe, expect, it } from 'vitest'
import { makeReplicaSecret } from '../src/index.ts'
import { person } from './support/people.ts'
import { countedStorage, unsafeTestingStorage } from './support/storages.ts'

/** Entries of which a pack of the largest size takes some thirty. */
const LARGE = 60_000

describe('an upload that is cut', { timeout: 30_000 }, () => {
  it('is gone on with: what arrived is not sent again, and nothing is left over', async () => {
    const [ana, place, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
    const laptop = await ana.device()
    for (let count = 0; count < 200; count++) await laptop.write(LARGE)
    const cut = countedStorage(place, { putsUntilCut: 4 })
    await expect(laptop.replica(cut, secret).push()).rejects.toMatchObject({
      code: 'ERR_REPLICA_UNREACHABLE',
    })
    const arrived = [...place.objects.keys()]
    expect(arrived.length).toBeGreaterThanOrEqual(3)

    const later = countedStorage(place)
    await laptop.replica(later, secret).push()
    expect(later.puts.filter((name) => arrived.includes(name))).toEqual([])
    expect(await laptop.replica(place, secret).check()).toMatchObject({ ok: true, unlisted: 0 })
  })

  it('is gone on with also where what had arrived was lost since, or was altered', async () => {
    const [ana, place, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
    const laptop = await ana.device()
    for (let count = 0; count < 100; count++) await laptop.write(LARGE)
    const cut = countedStorage(place, { putsUntilCut: 3 })
    await expect(laptop.replica(cut, secret).push()).rejects.toMatchObject({
      code: 'ERR_REPLICA_UNREACHABLE',
    })
    const [lost = '', altered = ''] = place.objects.keys()
    place.objects.delete(lost)
    place.objects.get(altered)?.fill(0, 100, 200)

    await laptop.replica(place, secret).push()
    expect(await laptop.replica(place, secret).check()).toMatchObject({ ok: true })
  })

  it('says every so often how far it came, so that another device finds what had arrived', async () => {
    const [ana, place, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
    const laptop = await ana.device()
    for (let count = 0; count < 700; count++) await laptop.write(LARGE)
    const cut = countedStorage(place, { putsUntilCut: 19 })
    await expect(laptop.replica(cut, secret).push()).rejects.toMatchObject({
      code: 'ERR_REPLICA_UNREACHABLE',
    })

    const phone = await ana.device()
    const { frames, behind } = await phone.replica(place, secret).pull()
    expect(frames).toBeGreaterThan(400)
    expect(behind[laptop.id]?.expected).toBe(laptop.log.heads()[laptop.id]?.seq)
  })
})

describe('what was written is read back', () => {
  it('and a place that keeps nothing, or something else, is told as damaged', async () => {
    for (const keep of [
      () => undefined,
      (bytes: Uint8Array) => bytes.map((byte, at) => (at === 500 ? byte ^ 1 : byte)),
      (bytes: Uint8Array) => bytes.subarray(0, 1000),
    ]) {
      const [ana, place, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
      const laptop = await ana.device()
      await laptop.write(100)
      const careless = {
        ...place,
        async put(name: string, bytes: Uint8Array) {
          const kept = keep(bytes)
          if (kept) place.objects.set(name, kept)
        },
      }
      await expect(laptop.replica(careless, secret).push()).rejects.toMatchObject({
        code: 'ERR_REPLICA_DAMAGED',
      })
    }
  })
})

it('a pull has few objects on their way at the same time, however many there are', async () => {
  const [ana, place, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
  const laptop = await ana.device()
  for (let count = 0; count < 40; count++) {
    await laptop.write(10)
    await laptop.replica(place, secret).push()
  }
  const counted = countedStorage(place)
  const phone = await ana.device()
  await phone.replica(counted, secret).pull()

  expect(counted.gets.length).toBeGreaterThan(40)
  expect(counted.mostGets).toBeLessThanOrEqual(4)
})
