import { eachSeed, patience } from '@muniment/compliance'
import { fromCanonical } from '@muniment/crypto'
import fc from 'fast-check'
import { nodeCryptography } from 'muniment/platform'
import { memoryKeyring } from 'muniment/store'
import { describe, expect, test } from 'vitest'
import { makeDeviceKeys, openKeyring } from '../src/index.ts'
import { openLockbox } from '../src/lockbox.ts'
import { addMachine } from './enrol.ts'
import { carry, components, firstMachine, type Machine, meet, openMachine } from './person.ts'

const bytesOf = ({ keyring }: Machine): Uint8Array => keyring.bytes() ?? new Uint8Array(0)
const agreementOf = ({ roster, keys }: Machine) => roster.device(keys.id)?.agreementKey
const sealed = (machine: Machine) =>
  fromCanonical(bytesOf(machine)) as { keyId: Uint8Array; epoch: string; lockboxes: never[] }

/** A laptop that enrolled these others; all have met. */
async function household(...names: string[]): Promise<Machine[]> {
  const all = [await firstMachine('laptop')]
  for (const name of names) all.push(await addMachine(all[0] ?? (await firstMachine('laptop')), name))
  await everyoneMeets(all)
  return all
}

async function everyoneMeets(all: readonly Machine[]): Promise<void> {
  for (let round = 0; round < 4 && !areAlike(all); round++) {
    for (const [index, left] of all.entries())
      for (const right of all.slice(index + 1)) await meetQuietly(left, right)
  }
}

/** All know the same, under the same key. */
function areAlike(all: readonly Machine[]): boolean {
  const told = all.map((machine) =>
    JSON.stringify([machine.roster.epoch(), machine.log.seen(), bytesOf(machine)]),
  )
  return new Set(told).size === 1
}

/** What a keyring does by itself after news is done when it resolves. */
async function quiet(...machines: readonly Machine[]): Promise<void> {
  for (let round = 0, still = 0; round < 200 && still < 3; round++) {
    for (const { keyring } of machines) await keyring.renew().catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 0))
    still = machines.every(isSettled) ? still + 1 : 0
  }
}

function isSettled({ roster, keys, agreement }: Machine): boolean {
  if (!roster.isMember(keys.id) || roster.isGranted()) return true
  return !roster.owesAgreement() && agreement.keys().length === 1
}

async function meetQuietly(left: Machine, right: Machine): Promise<void> {
  await meet(left, right)
  await quiet(left, right)
}

describe('once a device is removed', () => {
  test('the others have its old keys for what was, and new ones for what comes', async () => {
    const [laptop, phone, tablet] = (await household('phone', 'tablet')) as [Machine, Machine, Machine]
    const [old = ''] = await laptop.keyring.create(1)
    await everyoneMeets([laptop, phone, tablet])
    expect([laptop, phone, tablet].map(({ keyring }) => keyring.isCurrent(old))).toEqual([true, true, true])
    await laptop.roster.remove(tablet.keys.id)
    const [fresh = ''] = await laptop.keyring.create(1)
    await everyoneMeets([laptop, phone])
    for (const { keyring } of [laptop, phone]) {
      expect(keyring.get(old)).toBeDefined()
      expect([keyring.isCurrent(old), keyring.isCurrent(fresh)]).toEqual([false, true])
    }
    expect(await tablet.keyring.merge(bytesOf(laptop))).toMatchObject({ ok: false })
    expect(await tablet.keyring.merge(bytesOf(phone))).toMatchObject({ ok: false })
    expect(tablet.keyring.get(fresh)).toBeUndefined()
  })

  test('each of the others has a new agreement key, and the old private halves are gone', async () => {
    const [laptop, phone, tablet] = (await household('phone', 'tablet')) as [Machine, Machine, Machine]
    const before = [laptop, phone].map(agreementOf)
    await laptop.roster.remove(tablet.keys.id)
    await laptop.keyring.create(1)
    await everyoneMeets([laptop, phone])
    for (const [index, machine] of [laptop, phone].entries()) {
      expect(agreementOf(machine)).not.toEqual(before[index])
      expect(agreementOf(machine)).toEqual(machine.agreement.keys()[0]?.publicKey)
      expect(machine.agreement.keys()).toHaveLength(1)
      expect(await Array.fromAsync(machine.store.listNames('keyring/agreement'))).toEqual([])
      const { keyId, epoch, lockboxes } = sealed(machine)
      const place = { vault: machine.roster.vault, epoch, keyId }
      // The keys that it was made with, as a thief of an old disk has them.
      expect(await openLockbox(nodeCryptography, { lockboxes, place }, machine.keys)).toBeUndefined()
      const again = await openMachine({ ...machine, vault: machine.roster.vault })
      expect(again.keyring.describe()).toEqual(machine.keyring.describe())
    }
  })

  test('a device that has not heard gives it nothing of what the others made since', async () => {
    const [laptop, phone, tablet] = (await household('phone', 'tablet')) as [Machine, Machine, Machine]
    await laptop.roster.remove(tablet.keys.id)
    const [fresh = ''] = await laptop.keyring.create(1)
    // The keyring arrives before the roster does.
    expect(await phone.keyring.merge(bytesOf(laptop))).toMatchObject({ ok: true })
    expect(phone.roster.isMember(tablet.keys.id)).toBe(true)
    const [own = ''] = await phone.keyring.create(1)
    await phone.keyring.erase([own])
    await quiet(phone)
    await meet(phone, tablet)
    expect(phone.keyring.get(fresh)).toBeDefined()
    expect(tablet.keyring.get(fresh)).toBeUndefined()
    await everyoneMeets([laptop, phone])
    expect(phone.keyring.isCurrent(fresh)).toBe(true)
    expect(laptop.keyring.isErased(own)).toBe(true)
  })

  test('a keyring that it can open, from one that has not heard, gives keys that seal nothing new', async () => {
    const [laptop, phone, tablet] = (await household('phone', 'tablet')) as [Machine, Machine, Machine]
    await laptop.roster.remove(tablet.keys.id)
    const [theirs = ''] = await phone.keyring.create(1)
    expect(await laptop.keyring.merge(bytesOf(phone))).toMatchObject({ ok: true })
    expect(laptop.keyring.get(theirs)).toBeDefined()
    expect(laptop.keyring.isCurrent(theirs)).toBe(false)
    expect(await tablet.keyring.merge(bytesOf(laptop))).toMatchObject({ ok: false })
  })

  test('a keyring of an epoch not known yet, which it can open, is not written under either', async () => {
    const [laptop, phone, tablet] = (await household('phone', 'tablet')) as [Machine, Machine, Machine]
    await addMachine(phone, 'watch')
    expect(await laptop.keyring.merge(bytesOf(phone))).toMatchObject({ ok: true })
    await laptop.roster.remove(tablet.keys.id)
    const [fresh = ''] = await laptop.keyring.create(1)
    await tablet.keyring.merge(bytesOf(laptop))
    expect(tablet.keyring.get(fresh)).toBeUndefined()
  })

  test('it writes no keyring that the others take, and none for itself', async () => {
    const [laptop, , tablet] = (await household('phone', 'tablet')) as [Machine, Machine, Machine]
    const [its = ''] = await tablet.keyring.create(1)
    await laptop.roster.remove(tablet.keys.id)
    expect(await laptop.keyring.merge(bytesOf(tablet))).toMatchObject({
      problems: [{ code: 'not_a_member' }],
    })
    expect(laptop.keyring.get(its)).toBeUndefined()
    await carry(laptop, tablet)
    await expect(tablet.keyring.create(1)).rejects.toThrow(expect.objectContaining({ code: 'ERR_REMOVED' }))
    const again = await openMachine({ ...tablet, vault: tablet.roster.vault })
    expect(again.keyring.get(its)).toBeDefined()
  })

  test('what it wrote before reaches the others through one that held it, byte for byte, before it heard', async () => {
    const [laptop, phone, tablet] = (await household('phone', 'tablet')) as [Machine, Machine, Machine]
    const [its = ''] = await tablet.keyring.create(1)
    await meet(tablet, phone)
    expect(bytesOf(phone)).toEqual(bytesOf(tablet))
    await laptop.roster.remove(tablet.keys.id)
    await laptop.keyring.create(1)
    await everyoneMeets([laptop, phone])
    expect(laptop.keyring.get(its)).toBeDefined()
  })
})

test('two removals at the same time end in one epoch, sealed to who is left', async () => {
  const all = await household('phone', 'tablet', 'watch', 'television')
  const [laptop, phone, tablet, watch, television] = all as [Machine, Machine, Machine, Machine, Machine]
  await laptop.roster.remove(watch.keys.id)
  await phone.roster.remove(television.keys.id)
  const made = [...(await laptop.keyring.create(1)), ...(await phone.keyring.create(1))]
  const left = [laptop, phone, tablet]
  await everyoneMeets(left)
  for (const machine of left) {
    expect(machine.keyring.describe().epoch).toBe(laptop.roster.epoch())
    expect(sealed(machine).keyId).toEqual(sealed(laptop).keyId)
    expect(sealed(machine).lockboxes).toHaveLength(3)
    for (const id of made) expect(machine.keyring.get(id)).toBeDefined()
  }
  for (const out of [watch, television])
    expect(await out.keyring.merge(bytesOf(laptop))).toMatchObject({ ok: false })
})

test(
  'a device away during removals, rotations and renewals is locked out of nothing, nor locks others out',
  { timeout: 20_000 },
  async () => {
    const all = await household('phone', 'tablet', 'watch', 'television')
    const [laptop, phone, tablet, watch, television] = all as [Machine, Machine, Machine, Machine, Machine]
    await laptop.roster.remove(television.keys.id)
    await everyoneMeets([laptop, phone])
    await phone.roster.rotate()
    await phone.roster.rotate()
    await everyoneMeets([laptop, phone])
    const [theirs = ''] = await laptop.keyring.create(1)
    // Meanwhile the tablet, away, removes the watch and renews its own keys too.
    await tablet.roster.remove(watch.keys.id)
    await quiet(tablet)
    const [own = ''] = await tablet.keyring.create(1)
    expect(tablet.agreement.keys()).toHaveLength(1)
    await everyoneMeets([phone, tablet])
    await everyoneMeets([laptop, phone, tablet])
    for (const { keyring, roster } of [laptop, phone, tablet]) {
      expect(roster.devices()).toHaveLength(3)
      expect([keyring.get(theirs), keyring.get(own)]).not.toContain(undefined)
    }
  },
)

test('two devices that both renewed their keys unheard of by each other open what the other has', async () => {
  const [laptop, phone, tablet] = (await household('phone', 'tablet')) as [Machine, Machine, Machine]
  const all = [laptop, phone, tablet]
  await laptop.roster.rotate()
  for (const other of [phone, tablet]) await carry(laptop, other)
  await quiet(...all)
  const [theirs = ''] = await phone.keyring.create(1)
  for (const other of [laptop, phone]) await carry(other, tablet)
  await quiet(...all)
  await tablet.roster.rename(tablet.keys.id, 'the tablet')
  for (const other of [laptop, phone]) await carry(tablet, other)
  await new Promise((resolve) => setTimeout(resolve, 20))
  await laptop.keyring.merge(bytesOf(phone))
  expect(await phone.keyring.merge(bytesOf(laptop))).toMatchObject({ ok: true })
  expect(await laptop.keyring.merge(bytesOf(phone))).toMatchObject({ ok: true })
  expect(laptop.keyring.get(theirs)).toBeDefined()
})

test('of two that remove each other the higher one stays, whoever is heard first, and the lower reads no more', async () => {
  for (const isPhoneFirst of [true, false]) {
    const [laptop, phone, tablet] = (await household('phone', 'tablet')) as [Machine, Machine, Machine]
    await phone.roster.remove(tablet.keys.id)
    await tablet.roster.remove(phone.keys.id)
    for (const other of isPhoneFirst ? [phone, tablet] : [tablet, phone]) await meetQuietly(laptop, other)
    const [fresh = ''] = await laptop.keyring.create(1)
    await everyoneMeets([laptop, phone])
    await meetQuietly(laptop, tablet)
    for (const { roster } of [laptop, phone, tablet])
      expect(roster.devices().map(({ name }) => name)).toEqual(['laptop', 'phone'])
    expect(phone.keyring.isCurrent(fresh)).toBe(true)
    expect(tablet.keyring.get(fresh)).toBeUndefined()
  }
})

test('a stolen tablet that removes everyone, as if it had not heard, removes nobody and gets nothing', async () => {
  const [laptop, phone, tablet] = (await household('phone', 'tablet')) as [Machine, Machine, Machine]
  await laptop.roster.remove(tablet.keys.id)
  const [fresh = ''] = await laptop.keyring.create(1)
  const accomplice = await addMachine(tablet, 'accomplice')
  await tablet.roster.remove(laptop.keys.id)
  await tablet.roster.remove(phone.keys.id)
  for (const thief of [tablet, accomplice]) {
    for (const victim of [laptop, phone]) await meetQuietly(thief, victim)
  }
  await everyoneMeets([laptop, phone])
  for (const { roster, keyring } of [laptop, phone]) {
    expect(roster.devices().map(({ name }) => name)).toEqual(['laptop', 'phone'])
    expect(roster.cutOf(accomplice.keys.id)).toEqual({ seq: 0, hash: '' })
    expect(keyring.isCurrent(fresh)).toBe(true)
  }
  for (const { keyring } of [tablet, accomplice]) expect(keyring.get(fresh)).toBeUndefined()
  await expect(laptop.roster.rename(phone.keys.id, 'mine still')).resolves.toBeUndefined()
})

test('a keyring that was cut off between making a key and telling of it goes on after a restart', async () => {
  const [laptop, phone, tablet] = (await household('phone', 'tablet')) as [Machine, Machine, Machine]
  await phone.agreement.renew()
  const again = await openMachine({ ...phone, vault: phone.roster.vault })
  await laptop.roster.remove(tablet.keys.id)
  await everyoneMeets([laptop, again])
  expect(again.agreement.keys()).toHaveLength(1)
  expect(laptop.roster.device(phone.keys.id)?.agreementKey).toEqual(again.agreement.keys()[0]?.publicKey)
})

/** What happens among five devices, of which the first stays. */
const step = fc.record({
  who: fc.nat(4),
  whom: fc.nat(4),
  what: fc.constantFrom('make', 'erase', 'meet', 'meet', 'meet', 'restart', 'remove', 'rotate'),
})

test(
  'whatever devices do and whenever they meet, who is left has the same keys, and who is out none of the new',
  async () => {
    await eachSeed((seed) =>
      fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          const all = await household('phone', 'tablet', 'watch', 'television')
          for (const one of steps) await happens(all, one)
          const laptop = all[0]
          if (!laptop) return
          await everyoneMeets(all)
          const left = all.filter(({ keys }) => laptop.roster.isMember(keys.id))
          await everyoneMeets(left)
          const made = (await Promise.all(left.map(({ keyring }) => keyring.create(1)))).flat()
          await everyoneMeets(left)
          for (const machine of left) {
            expect(machine.roster.devices().map(({ id }) => id)).toEqual(left.map(({ keys }) => keys.id))
            expect(machine.keyring.describe()).toEqual(laptop.keyring.describe())
            for (const id of made) expect(machine.keyring.isCurrent(id)).toBe(true)
          }
          for (const out of all.filter((machine) => !left.includes(machine))) {
            for (const each of left)
              expect(await out.keyring.merge(bytesOf(each))).toMatchObject({ ok: false })
            for (const id of made) expect(out.keyring.get(id)).toBeUndefined()
          }
        }),
        { numRuns: 3, seed },
      ),
    )
  },
  patience(60_000),
)

async function happens(
  all: Machine[],
  { who, whom, what }: { readonly who: number; readonly whom: number; readonly what: string },
): Promise<void> {
  const [machine, other] = [all.at(who), all.at(whom)]
  if (!machine || !other || !machine.roster.isMember(machine.keys.id)) return
  if (what === 'make') await machine.keyring.create(1)
  else if (what === 'erase') await machine.keyring.erase(await machine.keyring.create(1))
  else if (what === 'restart') all[who] = await openMachine({ ...machine, vault: machine.roster.vault })
  else if (what === 'rotate') await machine.roster.rotate()
  else if (what === 'remove') {
    if (whom !== 0 && machine.roster.isMember(other.keys.id)) await machine.roster.remove(other.keys.id)
  } else if (machine !== other) await meet(machine, other)
  await quiet(machine, other)
}

test('without a store for its agreement keys a device keeps the one that it has', async () => {
  const [laptop] = (await household('phone')) as [Machine]
  const keys = await makeDeviceKeys(components)
  await laptop.roster.add({ id: keys.id, name: 'x', transport: 'x', agreementKey: keys.agreement.publicKey })
  await laptop.roster.rotate()
  await laptop.keyring.create(1)
  const file = memoryKeyring()
  await file.replace(bytesOf(laptop))
  const keyring = await openKeyring({ ...components, file, roster: laptop.roster, keys })
  expect(keyring.describe()).toEqual(laptop.keyring.describe())
})
