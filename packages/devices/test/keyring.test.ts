import { eachSeed } from '@muniment/compliance'
import { fromCanonical, toCanonical } from '@muniment/crypto'
import type { KeyringFile } from '@muniment/interface'
import fc from 'fast-check'
import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { memoryKeyring } from 'muniment/store'
import { describe, expect, test } from 'vitest'
import { type Keyring, openKeyring } from '../src/index.ts'
import { epochKeyId, writeKeyring } from '../src/keyring-object.ts'
import { openLockbox, sealLockbox } from '../src/lockbox.ts'
import { carry, components, firstMachine, type Machine, meet, openMachine } from './person.ts'
import { addMachine } from './enrol.ts'

function countedFile(): KeyringFile & { writes: number } {
  const file = memoryKeyring()
  return {
    writes: 0,
    read: () => file.read(),
    async replace(bytes) {
      this.writes += 1
      await file.replace(bytes)
    },
  }
}

const reopened = ({ roster, keys, file }: Machine): Promise<Keyring> =>
  openKeyring({ ...components, roster, keys, file })

describe('data keys', () => {
  test('are on disk before anyone is told their names, and are there after a restart', async () => {
    const laptop = await firstMachine('laptop')
    const ids = await laptop.keyring.create(50)
    expect(new Set(ids).size).toBe(50)
    const again = await reopened(laptop)
    for (const id of ids) expect(again.get(id)).toEqual(laptop.keyring.get(id))
    expect(again.describe()).toEqual(laptop.keyring.describe())
  })

  test('made by fifty callers at once cost two writes', async () => {
    const { roster, keys } = await firstMachine('laptop')
    const file = countedFile()
    const keyring = await openKeyring({ ...components, roster, keys, file })
    const all = await Promise.all(Array.from({ length: 50 }, () => keyring.create(1)))
    expect(file.writes).toBeLessThanOrEqual(2)
    for (const [id = ''] of all) expect(keyring.get(id)).toHaveLength(32)
  })

  test('that could not be written are not given out, and the keyring goes on', async () => {
    const { roster, keys } = await firstMachine('laptop')
    const file = memoryKeyring()
    let isFull = true
    const failing: KeyringFile = {
      read: () => file.read(),
      replace: (bytes) => (isFull ? Promise.reject(new Error('disk full')) : file.replace(bytes)),
    }
    const keyring = await openKeyring({ ...components, roster, keys, file: failing })
    await expect(keyring.create(1)).rejects.toThrow('disk full')
    isFull = false
    const [id = ''] = await keyring.create(1)
    expect((await openKeyring({ ...components, roster, keys, file })).get(id)).toBeDefined()
  })

  test('erased on one device are gone on the other, also where they are created again in a merge', async () => {
    const [laptop, phone] = await pair()
    const [gone = '', kept = ''] = await laptop.keyring.create(2)
    await meet(laptop, phone)
    const old = phone.keyring.bytes() ?? new Uint8Array(0)
    await laptop.keyring.erase([gone])
    await meet(laptop, phone)
    await laptop.keyring.merge(old)
    for (const { keyring } of [laptop, phone]) {
      expect(keyring.get(gone)).toBeUndefined()
      expect(keyring.isErased(gone)).toBe(true)
      expect(keyring.get(kept)).toBeDefined()
    }
  })

  test('an erasure goes under a fresh epoch key: who has the old one opens nothing new', async () => {
    const laptop = await firstMachine('laptop')
    const ids = await laptop.keyring.create(2)
    const before = keyIdOf(laptop.keyring)
    await laptop.keyring.create(1)
    expect(keyIdOf(laptop.keyring)).toEqual(before)
    await laptop.keyring.erase(ids.slice(0, 1))
    expect(keyIdOf(laptop.keyring)).not.toEqual(before)
  })
})

describe('when a device is added', () => {
  test('the keyring goes under a new key, in lockboxes for all', async () => {
    const laptop = await firstMachine('laptop')
    const [id = ''] = await laptop.keyring.create(1)
    const before = laptop.keyring.describe()
    const phone = await addMachine(laptop, 'phone')
    expect(laptop.keyring.describe().epoch).toBe(laptop.roster.epoch())
    expect(laptop.keyring.describe().epoch).not.toBe(before.epoch)
    expect(phone.keyring.get(id)).toBeDefined()
  })

  test('by two devices at the same time, all four open what anyone writes afterwards', async () => {
    const [laptop, phone] = await pair()
    const tablet = await addMachine(laptop, 'tablet')
    const watch = await addMachine(phone, 'watch')
    const all = [laptop, phone, tablet, watch]
    const made: string[] = []
    for (const { keyring } of all) made.push(...(await keyring.create(3)))
    await everyoneMeets(all)
    for (const machine of all) {
      expect(machine.roster.devices()).toHaveLength(4)
      for (const id of made) expect(machine.keyring.get(id)).toBeDefined()
      expect(machine.keyring.describe().epoch).toBe(machine.roster.epoch())
    }
    expect(new Set(all.map(({ keyring }) => Buffer.from(keyIdOf(keyring)).toString('hex'))).size).toBe(1)
  })

  test('another takes in the new keyring before it has heard of the new device, and locks nobody out', async () => {
    const [laptop, phone] = await pair()
    const [own = ''] = await phone.keyring.create(1)
    const tablet = await addMachine(laptop, 'tablet')
    expect(await phone.keyring.merge(laptop.keyring.bytes() ?? new Uint8Array(0))).toEqual({
      ok: true,
      isNew: true,
    })
    expect(await tablet.keyring.merge(phone.keyring.bytes() ?? new Uint8Array(0))).toEqual({
      ok: true,
      isNew: true,
    })
    expect(tablet.keyring.get(own)).toEqual(phone.keyring.get(own))
  })
})

describe('two keyrings of one epoch', () => {
  test('exchanged at the same moment leave both devices under the same key', async () => {
    for (let round = 0; round < 4; round++) {
      const [laptop, phone] = await pair()
      await Promise.all([laptop.keyring.erase([]), phone.keyring.erase([])])
      const [theirs, ours] = [laptop.keyring.bytes(), phone.keyring.bytes()]
      expect(keyIdOf(laptop.keyring)).not.toEqual(keyIdOf(phone.keyring))
      await Promise.all([
        phone.keyring.merge(theirs ?? new Uint8Array(0)),
        laptop.keyring.merge(ours ?? new Uint8Array(0)),
      ])
      expect(keyIdOf(laptop.keyring)).toEqual(keyIdOf(phone.keyring))
    }
  })

  test('from before a device was added do not leave it out, merged by one that knows of it', async () => {
    const [laptop, phone] = await pair()
    const [id = ''] = await laptop.keyring.create(1)
    const before = laptop.keyring.bytes() ?? new Uint8Array(0)
    const tablet = await addMachine(laptop, 'tablet')
    await carry(laptop, phone)
    expect(await phone.keyring.merge(before)).toEqual({ ok: true, isNew: true })
    expect(await tablet.keyring.merge(phone.keyring.bytes() ?? new Uint8Array(0))).toMatchObject({ ok: true })
    expect(phone.keyring.get(id)).toEqual(tablet.keyring.get(id))
  })
})

describe('a lockbox', () => {
  test('opens for its device, in its vault and epoch, and nowhere else', async () => {
    const [laptop, phone] = await pair()
    const epochKey = nodeRandom(32)
    const keyId = epochKeyId(nodeCryptography, epochKey)
    const place = { vault: laptop.roster.vault, epoch: laptop.roster.epoch(), keyId }
    const device = { id: phone.keys.id, agreementKey: phone.keys.agreement.publicKey }
    const lockboxes = [await sealLockbox(nodeCryptography, { epochKey, place }, device)]
    const opened = (where: typeof place, machine = phone) =>
      openLockbox(nodeCryptography, { lockboxes, place: where }, machine.keys)
    expect(await opened(place)).toEqual(epochKey)
    expect(await opened({ ...place, vault: 'another vault' })).toBeUndefined()
    expect(await opened({ ...place, epoch: 'another epoch' })).toBeUndefined()
    expect(await opened({ ...place, keyId: nodeRandom(16) })).toBeUndefined()
    expect(await opened(place, laptop)).toBeUndefined()
  })
})

describe('a keyring is refused', () => {
  test('when it is not sealed to this device', async () => {
    const laptop = await firstMachine('laptop')
    await laptop.keyring.create(1)
    const stranger = await firstMachine('stranger')
    expect(await stranger.keyring.merge(laptop.keyring.bytes() ?? new Uint8Array(0))).toMatchObject({
      ok: false,
      problems: [{ code: 'no_lockbox' }],
    })
  })

  test('when a stranger wrote it, even sealed to this device', async () => {
    const laptop = await firstMachine('laptop')
    const stranger = await firstMachine('stranger')
    const bytes = await forged(laptop, stranger, stranger)
    expect(await laptop.keyring.merge(bytes)).toMatchObject({ problems: [{ code: 'not_a_member' }] })
  })

  test('when it names a member that did not sign it', async () => {
    const laptop = await firstMachine('laptop')
    const stranger = await firstMachine('stranger')
    const bytes = await forged(laptop, stranger, laptop)
    expect(await laptop.keyring.merge(bytes)).toMatchObject({ problems: [{ code: 'bad_signature' }] })
  })

  test('when any bit of it is changed', async () => {
    const [laptop, phone] = await pair()
    await laptop.keyring.create(3)
    const bytes = laptop.keyring.bytes() ?? new Uint8Array(0)
    const before = phone.keyring.describe()
    await eachSeed((seed) =>
      fc.assert(
        fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
          const changed = bytes.slice()
          changed[at] = (changed[at] ?? 0) ^ (1 << bit)
          expect(await phone.keyring.merge(changed)).toMatchObject({ ok: false })
          expect(phone.keyring.describe()).toEqual(before)
        }),
        { numRuns: 60, seed },
      ),
    )
    expect(await phone.keyring.merge(bytes)).toEqual({ ok: true, isNew: true })
  })

  test('as a file of another device, with a clear error', async () => {
    const laptop = await firstMachine('laptop')
    await laptop.keyring.create(1)
    const stranger = await firstMachine('stranger')
    await expect(
      openKeyring({ ...components, roster: laptop.roster, keys: stranger.keys, file: laptop.file }),
    ).rejects.toThrow(expect.objectContaining({ code: 'ERR_STORE_DAMAGED' }))
  })
})

describe('devices that make, erase and meet in any order', () => {
  test('end with the same keys, under the same key, whatever happened', async () => {
    const step = fc.record({
      who: fc.nat(2),
      what: fc.constantFrom('make', 'erase', 'meet', 'restart'),
      other: fc.nat(2),
    })
    await eachSeed((seed) =>
      fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
          const [laptop, phone] = await pair()
          const all = [laptop, phone, await addMachine(phone, 'tablet')]
          const made: string[] = []
          const erased = new Set<string>()
          for (const one of steps) await happens(one, { all, made, erased })
          await everyoneMeets(all)
          for (const { keyring } of all) {
            for (const id of made) expect(keyring.get(id) !== undefined).toBe(!erased.has(id))
            expect(keyIdOf(keyring)).toEqual(keyIdOf(all[0]?.keyring ?? keyring))
            expect(keyring.describe()).toEqual(all[0]?.keyring.describe())
          }
        }),
        { numRuns: 12, seed },
      ),
    )
  })
})

interface Step {
  readonly who: number
  readonly what: string
  readonly other: number
}

async function happens(
  { who, what, other }: Step,
  { all, made, erased }: { readonly all: Machine[]; readonly made: string[]; readonly erased: Set<string> },
): Promise<void> {
  const machine = all.at(who)
  const partner = all.at(other)
  if (!machine || !partner) return
  if (what === 'make') made.push(...(await machine.keyring.create(2)))
  else if (what === 'restart') all[who] = await openMachine({ ...machine, vault: machine.roster.vault })
  else if (what === 'erase') {
    const gone = made.filter((id) => machine.keyring.get(id)).slice(0, 1)
    for (const id of gone) erased.add(id)
    await machine.keyring.erase(gone)
  } else if (partner !== machine) await meet(machine, partner)
}

async function pair(): Promise<[Machine, Machine]> {
  const laptop = await firstMachine('laptop')
  const phone = await addMachine(laptop, 'phone')
  await meet(laptop, phone)
  return [laptop, phone]
}

async function everyoneMeets(all: readonly Machine[]): Promise<void> {
  for (let round = 0; round < 3; round++) {
    for (const left of all) for (const right of all) if (left !== right) await meet(left, right)
  }
}

function keyIdOf(keyring: Keyring): Uint8Array {
  const outside = fromCanonical(keyring.bytes() ?? toCanonical({})) as { keyId: Uint8Array }
  return outside.keyId
}

/** A keyring that names `author`, signed by `forger`, sealed to `victim`. */
async function forged(victim: Machine, forger: Machine, author: Machine): Promise<Uint8Array> {
  const epochKey = nodeRandom(32)
  const [vault, epoch, heads] = [victim.roster.vault, victim.roster.epoch(), victim.roster.heads()]
  const keyId = epochKeyId(nodeCryptography, epochKey)
  const place = { vault, epoch, keyId }
  const device = { id: victim.keys.id, agreementKey: victim.keys.agreement.publicKey }
  const lockboxes = [await sealLockbox(nodeCryptography, { epochKey, place }, device)]
  const signer = nodeCryptography.signer(forger.keys.signing)
  return writeKeyring(
    components,
    { vault, author: author.keys.id, sign: (message) => signer.sign(message) },
    {
      wrap: { heads, epoch, keyId, epochKey, lockboxes },
      content: { version: {}, keys: new Map(), erased: new Set() },
    },
  )
}
