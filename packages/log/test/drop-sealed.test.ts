import { describe, expect, it } from 'vitest'
import { allOf, family, framesOf, hand, newDevice, note, textsOf } from './support/actors.ts'

describe('what was sealed with an erased key', () => {
  it('is gone from the disk, its numbers are told first, and the chain still verifies', async () => {
    const members = await family()
    const [ann, bob] = [await newDevice(members), await newDevice(members)]
    const [secret = ''] = await members.keys.create(1)
    await ann.log.append([note(members, 'kept'), { ...note(members, 'secret'), key: secret }])
    await ann.log.append([{ ...note(members, 'another secret'), key: secret }, note(members, 'kept too')])
    members.keys.erase(secret)
    let told: unknown
    await ann.log.dropSealed(
      (key) => members.keys.isErased(key),
      async (found) => {
        told = found
      },
    )
    expect(told).toEqual({ [ann.id]: [3, 4] })
    expect(await textsOf(ann.log, ann.id)).toEqual(['kept', '(erased)', '(erased)', 'kept too'])
    await hand(ann.log, bob.log)
    expect(await textsOf(bob.log, ann.id)).toEqual(['kept', '(erased)', '(erased)', 'kept too'])
    await ann.log.dropSealed(
      () => true,
      async (found) => {
        told = found
      },
    )
    expect(told).toEqual({ [ann.id]: [2, 5] })
  })

  it('does not come back from a device that has not heard of it yet', async () => {
    const members = await family()
    const [ann, bob] = [await newDevice(members), await newDevice(members)]
    const [secret = ''] = await members.keys.create(1)
    await ann.log.append([note(members, 'kept'), { ...note(members, 'secret'), key: secret }])
    const sent = await framesOf(ann.log)
    const payload = sent.map(({ bundle }) => bundle.length).reduce((sum, length) => sum + length, 0)
    members.keys.erase(secret)
    await hand(ann.log, bob.log)
    const held = await framesOf(bob.log)
    expect(held.reduce((sum, { bundle }) => sum + bundle.length, 0)).toBeLessThan(payload)
    expect((await allOf(bob.log.entries(ann.id))).map(({ why }) => why)).toEqual([
      undefined,
      undefined,
      'erased',
    ])
  })
})
