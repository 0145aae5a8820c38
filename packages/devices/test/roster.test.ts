import { toCanonical } from '@muniment/crypto'
import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { openMemoryStore } from 'muniment/store'
import { describe, expect, test } from 'vitest'
import { createVault, decodeDeviceKeys, encodeDeviceKeys, makeDeviceKeys, openRoster } from '../src/index.ts'
import { addMachine } from './enrol.ts'
import { carry, components, firstMachine, meet, openMachine } from './person.ts'

const coded = (code: string) => expect.objectContaining({ code })

describe('a new vault', () => {
  test('has its first device, an epoch, and a vault id that is the hash of its beginning', async () => {
    const laptop = await firstMachine('laptop')
    expect(laptop.roster.devices()).toMatchObject([{ name: 'laptop', clientId: 1, addedBy: laptop.keys.id }])
    expect(laptop.roster.vault).toMatch(/^[\w-]{43}$/)
    expect(laptop.roster.epoch()).not.toBe((await firstMachine('laptop')).roster.epoch())
  })

  test('that crashed before its beginning was in the log still has it', async () => {
    const {
      vaultId: vault,
      keys,
      genesis,
    } = await createVault(components, { name: 'laptop', transport: 'peer-laptop' })
    const store = await openMemoryStore({ key: nodeRandom(32), ...components })
    await openRoster({ ...components, store }, { vault, device: keys.id, genesis })
    const laptop = await openMachine({ vault, keys, transport: 'peer-laptop', store })
    expect(laptop.roster.devices()).toHaveLength(1)
    const phone = await addMachine(laptop, 'phone')
    await carry(laptop, phone)
    expect(phone.roster.isGranted()).toBe(false)
  })

  test('cannot be begun with the first operation of another', async () => {
    const [one, other] = [
      await createVault(components, { name: 'a', transport: 'a' }),
      await createVault(components, { name: 'b', transport: 'b' }),
    ]
    const store = await openMemoryStore({ key: nodeRandom(32), ...components })
    const init = { vault: one.vaultId, device: other.keys.id, genesis: other.genesis }
    await expect(openRoster({ ...components, store }, init)).rejects.toThrow(coded('ERR_MALFORMED'))
  })
})

describe('the devices of a vault', () => {
  test('are the same after a restart, names and all', async () => {
    const laptop = await firstMachine('laptop')
    const phone = await addMachine(laptop, 'phone')
    await laptop.roster.rename(phone.keys.id, 'her phone')
    const again = await openMachine({ ...laptop, vault: laptop.roster.vault })
    expect(again.roster.devices()).toEqual(laptop.roster.devices())
    expect(again.roster.epoch()).toBe(laptop.roster.epoch())
    expect(again.roster.device(phone.keys.id)?.name).toBe('her phone')
  })

  test('a change anywhere is heard of everywhere, and starts an epoch', async () => {
    const laptop = await firstMachine('laptop')
    const phone = await addMachine(laptop, 'phone')
    await meet(laptop, phone)
    const before = laptop.roster.epoch()
    let news = 0
    laptop.roster.onChange(() => (news += 1))
    await phone.roster.rename(phone.keys.id, 'mine')
    await meet(laptop, phone)
    expect(news).toBe(1)
    expect(laptop.roster.epoch()).not.toBe(before)
    expect(laptop.roster.epoch()).toBe(phone.roster.epoch())
  })

  test('cannot have one twice, a name without letters, or a rename of nobody', async () => {
    const laptop = await firstMachine('laptop')
    const keys = await makeDeviceKeys(components)
    const device = { id: keys.id, name: 'x', transport: 'x', agreementKey: keys.agreement.publicKey }
    await expect(laptop.roster.add({ ...device, id: laptop.keys.id })).rejects.toThrow(
      coded('ERR_ALREADY_EXISTS'),
    )
    await expect(laptop.roster.add({ ...device, transport: 'peer-laptop' })).rejects.toThrow(
      coded('ERR_ALREADY_EXISTS'),
    )
    await expect(laptop.roster.add({ ...device, name: '' })).rejects.toThrow(coded('ERR_MALFORMED'))
    await expect(laptop.roster.rename(keys.id, 'x')).rejects.toThrow(coded('ERR_NOT_FOUND'))
    expect(laptop.roster.operations()).toHaveLength(1)
  })

  test('a phone whose roster has not arrived enrols nobody', async () => {
    const laptop = await firstMachine('laptop')
    const phone = await addMachine(laptop, 'phone')
    await expect(addMachine(phone, 'tablet')).rejects.toThrow(coded('ERR_NOT_A_MEMBER'))
  })

  test('rubbish and a later version in a roster entry are kept and shown, and stop nothing', async () => {
    const laptop = await firstMachine('laptop')
    await laptop.log.append([{ kind: 'roster', body: new Uint8Array([1, 2, 3]) }])
    const later = toCanonical({ v: 3, op: 'remove', prev: laptop.roster.heads(), device: laptop.keys.id })
    await laptop.log.append([{ kind: 'roster', body: later }])
    expect(laptop.roster.operations().map(({ op, standing }) => `${op} ${standing}`)).toEqual([
      'create applied',
      'remove not_understood',
      'unreadable not_understood',
    ])
    const phone = await addMachine(laptop, 'phone')
    await meet(laptop, phone)
    expect(phone.roster.devices().map(({ name }) => name)).toEqual(['laptop', 'phone'])
    expect(phone.roster.operations()).toEqual(laptop.roster.operations())
  })
})

describe("a device's keys", () => {
  test('come back from their bytes and sign and open as before', async () => {
    const keys = await makeDeviceKeys(components)
    const again = decodeDeviceKeys(encodeDeviceKeys(keys))
    expect(again).toEqual(keys)
    const signature = await nodeCryptography.signer(again.signing).sign(new Uint8Array([1]))
    expect(nodeCryptography.verify(keys.signing.publicKey, new Uint8Array([1]), signature)).toBe(true)
  })

  test('are not read from other bytes', () => {
    for (const bytes of [toCanonical({}), toCanonical({ v: 2 }), new Uint8Array(40)]) {
      expect(() => decodeDeviceKeys(bytes)).toThrow(coded('ERR_MALFORMED'))
    }
  })
})
