import { base64url } from '@muniment/crypto'
import { type Anchor, makeReplicaSecret, type Replica } from '@muniment/replicas'
import { nodeRandom } from 'muniment/platform'
import { expect, test } from 'vitest'
import { forgeHead, nameOfNothing } from '../../packages/replicas/test/support/forged-head.ts'
import { type Device, type Person, person } from '../../packages/replicas/test/support/people.ts'
import {
  type UnsafeTestingStorage,
  unsafeTestingStorage,
} from '../../packages/replicas/test/support/storages.ts'

interface Removal {
  readonly ana: Person
  readonly laptop: Device
  readonly tablet: Device
  readonly thief: Device
  readonly place: UnsafeTestingStorage
  readonly secret: Uint8Array
  readonly atLaptop: Replica
}

/** Ana's phone was stolen and removed; the thief has the secret of a replica, and the place is open to them. */
async function afterRemoval(): Promise<Removal> {
  const [ana, place, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
  const [laptop, tablet, thief] = [await ana.device(), await ana.device(), await ana.device()]
  const atLaptop = laptop.replica(place, secret)
  await laptop.write(100)
  await thief.write(100)
  await thief.replica(place, secret).push()
  await atLaptop.push()
  await atLaptop.pull()
  ana.members.delete(thief.id)
  return { ana, laptop, tablet, thief, place, secret, atLaptop }
}

async function expectWhole({ ana, laptop, place, secret }: Removal): Promise<void> {
  const fresh = await ana.device()
  const { problems } = await fresh.replica(place, secret).pull()
  // The roster of these tests does not know that the thief's entries of before count.
  expect(problems.filter(({ code }) => code !== 'not_a_member')).toEqual([])
  expect(fresh.log.heads()[laptop.id]).toEqual(laptop.log.heads()[laptop.id])
}

test('a thief who says that entries are in packs that hold nothing keeps no device from uploading them', async () => {
  const removal = await afterRemoval()
  const { laptop, thief, place, secret, atLaptop } = removal
  const name = nameOfNothing(secret)
  await forgeHead({ device: thief, storage: place, secret }, ({ packs }) => {
    packs.set(name, { name, size: 0, spans: [{ device: laptop.id, first: 1, last: 1000 }] })
  })
  await laptop.write(200)
  await atLaptop.push()

  expect((await atLaptop.check()).problems).toEqual([])
  await expectWhole(removal)
})

test('a thief who lists a true pack as one with other entries keeps no device from uploading them', async () => {
  const removal = await afterRemoval()
  const { laptop, thief, place, secret, atLaptop } = removal
  await forgeHead({ device: thief, storage: place, secret }, ({ packs }) => {
    for (const pack of packs.values()) {
      packs.set(pack.name, { ...pack, spans: [{ device: laptop.id, first: 1, last: 1000 }] })
    }
  })
  await laptop.write(200)
  await atLaptop.push()

  expect((await atLaptop.check()).problems).toEqual([])
  await expectWhole(removal)
})

test('a thief who says that the laptop wrote more than it did does not make an old copy of it', async () => {
  const removal = await afterRemoval()
  const { laptop, thief, place, secret, atLaptop } = removal
  await forgeHead({ device: thief, storage: place, secret }, (state) => {
    state.lost = { [laptop.id]: { seq: 1000, hash: base64url(nodeRandom(32)) } }
  })
  const { problems } = await atLaptop.pull()

  expect(problems).toEqual([])
  await laptop.write(200)
  await atLaptop.push()
  expect((await atLaptop.check()).problems).toEqual([])
  await expectWhole(removal)
})

test('a thief and the keeper together cannot pass off an old state as the newest', async () => {
  const removal = await afterRemoval()
  const { laptop, thief, place, secret, atLaptop } = removal
  const before = new Map(place.objects)
  await laptop.write(200)
  await atLaptop.push()
  let anchors: readonly Anchor[] = []
  await forgeHead({ device: thief, storage: place, secret }, (state) => {
    anchors = [...state.anchors.values()]
  })
  place.objects.clear()
  for (const [name, bytes] of before) place.objects.set(name, bytes)
  await forgeHead({ device: thief, storage: place, secret }, (state) => {
    for (const anchor of anchors) state.anchors.set(anchor.device, anchor)
  })

  expect((await atLaptop.pull()).problems.map(({ code }) => code)).toContain('rolled_back')
  await expect(atLaptop.push()).rejects.toMatchObject({ code: 'ERR_REPLICA_ROLLED_BACK' })
  await atLaptop.repair()
  await expectWhole(removal)
})

test('what the thief gives up is given up by nobody else', async () => {
  const removal = await afterRemoval()
  const { thief, place, secret, atLaptop } = removal
  await forgeHead({ device: thief, storage: place, secret }, (state) => {
    for (const name of state.packs.keys()) {
      state.dropped.add(name)
      state.givenUp.add(name)
    }
    state.packs.clear()
  })
  await atLaptop.push()

  expect((await atLaptop.check()).problems).toEqual([])
  await expectWhole(removal)
})

test('what the thief lists that is not there is listed no more once a member has written', async () => {
  const removal = await afterRemoval()
  const { laptop, thief, place, secret, atLaptop } = removal
  laptop.keyring.held = nodeRandom(100)
  await forgeHead({ device: thief, storage: place, secret }, (state) => {
    state.keyrings = [...state.keyrings, [nameOfNothing(secret), nameOfNothing(secret)]]
    state.unreadIndexes.add(nameOfNothing(secret))
  })
  await atLaptop.push()

  expect((await atLaptop.check()).problems).toEqual([])
  expect((await atLaptop.pull()).problems).toEqual([])
  await expectWhole(removal)
})

test('a device that joined while another was away is heard, and loses nothing by it', async () => {
  const { ana, laptop, tablet, place, secret, atLaptop } = await afterRemoval()
  ana.members.delete(tablet.id)
  await tablet.write(300)
  await tablet.replica(place, secret).push()
  await laptop.write(200)
  await atLaptop.push()
  ana.members.add(tablet.id)

  const { problems } = await tablet.replica(place, secret).pull()
  expect(problems.map(({ code }) => code)).toEqual(['not_a_member'])
  await tablet.replica(place, secret).push()
  await atLaptop.pull()
  expect((await atLaptop.check()).problems).toEqual([])
  expect(laptop.log.heads()[tablet.id]).toEqual(tablet.log.heads()[tablet.id])
})
