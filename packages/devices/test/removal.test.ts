import { isMunimentError } from '@muniment/interface'
import { nodeRandom } from 'muniment/platform'
import { describe, expect, test } from 'vitest'
import { addMachine } from './enrol.ts'
import { carry, firstMachine, type Machine, meet } from './person.ts'

const coded = (code: string) => expect.objectContaining({ code })
const namesOf = ({ roster }: Machine) => roster.devices().map(({ name }) => name)

/** A laptop that enrolled a phone and a tablet, all of which have met. */
async function three(): Promise<[Machine, Machine, Machine]> {
  const laptop = await firstMachine('laptop')
  const phone = await addMachine(laptop, 'phone')
  const tablet = await addMachine(laptop, 'tablet')
  await meet(laptop, phone)
  await meet(laptop, tablet)
  return [laptop, phone, tablet]
}

describe('a device that is removed', () => {
  test('is out, and its log ends where the one who removed it has it', async () => {
    const [laptop, phone, tablet] = await three()
    await tablet.roster.rename(tablet.keys.id, 'tablet')
    await carry(tablet, phone)
    const head = phone.log.heads()[tablet.keys.id]
    const retire = [Buffer.from(nodeRandom(32)).toString('base64url')]
    const removed = await phone.roster.remove(tablet.keys.id, { retire })
    expect(removed).toMatchObject({ name: 'tablet', removedBy: phone.keys.id, retire })
    await carry(phone, laptop)
    for (const { roster } of [laptop, phone]) {
      expect(roster.cutOf(tablet.keys.id)).toEqual(head)
      expect(roster.isMember(tablet.keys.id)).toBe(false)
      expect(roster.removed().map(({ id }) => id)).toEqual([tablet.keys.id])
      expect(roster.clientIdOf(tablet.keys.id)).toBe(tablet.roster.clientIdOf(tablet.keys.id))
    }
    expect(laptop.roster.cutOf(phone.keys.id)).toBeUndefined()
    expect(laptop.roster.cutOf(retire[0] ?? '')).toBeUndefined()
  })

  test('may have removed itself, and changes the roster no more once it knows', async () => {
    const [laptop, , tablet] = await three()
    await tablet.roster.remove(tablet.keys.id)
    const seq = tablet.log.heads()[tablet.keys.id]?.seq
    expect(tablet.roster.cutOf(tablet.keys.id)).toEqual({ seq, hash: '' })
    await carry(tablet, laptop)
    expect(namesOf(laptop)).toEqual(['laptop', 'phone'])
    expect(laptop.roster.cutOf(tablet.keys.id)).toEqual({ seq, hash: '' })
    await expect(tablet.roster.rename(laptop.keys.id, 'mine')).rejects.toThrow(coded('ERR_REMOVED'))
    await expect(tablet.roster.remove(laptop.keys.id)).rejects.toThrow(coded('ERR_REMOVED'))
    await expect(tablet.roster.rotate()).rejects.toThrow(coded('ERR_REMOVED'))
  })

  test('comes back with new keys only, under another client id', async () => {
    const [laptop, , tablet] = await three()
    const before = laptop.roster.clientIdOf(tablet.keys.id)
    await laptop.roster.remove(tablet.keys.id)
    const { id } = tablet.keys
    const again = { id, name: 'x', transport: 'x', agreementKey: tablet.keys.agreement.publicKey }
    await expect(laptop.roster.add(again)).rejects.toThrow(coded('ERR_ALREADY_EXISTS'))
    const fresh = await addMachine(laptop, 'tablet')
    expect(namesOf(laptop)).toEqual(['laptop', 'phone', 'tablet'])
    expect(laptop.roster.clientIdOf(fresh.keys.id)).not.toBe(before)
  })

  test('is never the last one, and never nobody', async () => {
    const laptop = await firstMachine('laptop')
    await expect(laptop.roster.remove(laptop.keys.id)).rejects.toThrow(coded('ERR_LAST_DEVICE'))
    const phone = await addMachine(laptop, 'phone')
    await laptop.roster.remove(phone.keys.id)
    await expect(laptop.roster.remove(phone.keys.id)).rejects.toThrow(coded('ERR_NOT_FOUND'))
    await expect(laptop.roster.remove(laptop.keys.id)).rejects.toThrow(coded('ERR_LAST_DEVICE'))
  })

  test('does not go back to what pairing told it', async () => {
    const laptop = await firstMachine('laptop')
    const phone = await addMachine(laptop, 'phone')
    await meet(laptop, phone)
    await laptop.roster.remove(phone.keys.id)
    await carry(laptop, phone)
    expect(phone.roster.isGranted()).toBe(false)
    expect(namesOf(phone)).toEqual(['laptop'])
  })
})

test('who may know the keys has another name after each removal and rotation, alike for all', async () => {
  const [laptop, phone, tablet] = await three()
  const names = new Set([laptop.roster.generation()])
  await laptop.roster.rename(phone.keys.id, 'her phone')
  expect(names.has(laptop.roster.generation())).toBe(true)
  await laptop.roster.rotate()
  names.add(laptop.roster.generation())
  await laptop.roster.remove(tablet.keys.id)
  names.add(laptop.roster.generation())
  expect(names.size).toBe(3)
  await carry(laptop, phone)
  expect(phone.roster.generation()).toBe(laptop.roster.generation())
})

test('a removal with a holder key that is none is not written', async () => {
  const [laptop, phone] = await three()
  const before = laptop.roster.operations().length
  const refused = await laptop.roster
    .remove(phone.keys.id, { retire: ['x'] })
    .catch((error: unknown) => error)
  expect(isMunimentError(refused, 'ERR_MALFORMED')).toBe(true)
  expect(laptop.roster.operations()).toHaveLength(before)
})
