import { nodeRandom } from 'muniment/platform'
import { expect, it } from 'vitest'
import { makeReplicaSecret } from '../src/index.ts'
import { person } from './support/people.ts'
import { unsafeTestingStorage } from './support/storages.ts'

/** What a keeper sees who looks after each of some rounds: how many heads and packs of which sizes. */
async function seenOf(devices: number): Promise<readonly string[]> {
  const [ana, place, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
  const all = await Promise.all(Array.from({ length: devices }, () => ana.device()))
  const seen: string[] = []
  for (let round = 0; round < 12; round++) {
    const device = all[round % devices]
    await device?.write(1000)
    await device?.replica(place, secret).push()
    const objects = [...place.objects]
    const heads = objects.filter(([name]) => name.startsWith('00'))
    seen.push(`${heads.length} of ${objects.map(([, { length }]) => length).join()}`)
  }
  return seen
}

it('a replica of one device looks as one of six does: by the number, the sizes and the coming and going of objects', async () => {
  expect(await seenOf(6)).toEqual(await seenOf(1))
})

it('nothing that lies there names a device, a vault or a key, and no two names begin alike', async () => {
  const [ana, place, secret] = [person(), unsafeTestingStorage(), makeReplicaSecret(nodeRandom)]
  const devices = await Promise.all([ana.device(), ana.device(), ana.device()])
  for (const device of devices) {
    await device.note('CANARY')
    await device.replica(place, secret).push()
  }
  const all = Buffer.concat([...place.objects].flatMap(([name, bytes]) => [Buffer.from(name, 'hex'), bytes]))
  for (const { id } of devices) {
    expect(all.indexOf(Buffer.from(id, 'base64url'))).toBe(-1)
    expect(all.indexOf(id)).toBe(-1)
  }
  expect(all.indexOf(Buffer.from(ana.vault, 'base64url'))).toBe(-1)
  expect(all.indexOf(Buffer.from(ana.key, 'base64url'))).toBe(-1)
  expect(all.indexOf(secret)).toBe(-1)
  expect(all.indexOf('CANARY')).toBe(-1)
  const starts = [...place.objects.keys()].map((name) => name.slice(2, 10))
  expect(new Set(starts).size).toBe(starts.length)
})
