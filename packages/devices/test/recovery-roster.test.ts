import { utf8 } from '@muniment/crypto'
import { memoryKeyring, openMemoryStore } from 'muniment/store'
import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { openLog } from '@muniment/log'
import { expect, test } from 'vitest'
import {
  makeDeviceKeys,
  makeRecoveryKit,
  openKeyring,
  openOwnAgreement,
  openRoster,
  recoveryMember,
  type RecoveryMember,
  recoveryCard,
  type RecoveryPublicKeys,
} from '../src/index.ts'
import { addMachine } from './enrol.ts'
import { carry, components, firstMachine, type Machine, meet } from './person.ts'

const publicKeysOf = (member: RecoveryMember): RecoveryPublicKeys => recoveryCard(member, 0)

async function kit(): Promise<RecoveryMember> {
  return (await makeRecoveryKit(components, { language: 'en' })).member
}

async function guardians(): Promise<RecoveryMember> {
  return recoveryMember(components, { kind: 'guardians', secret: nodeRandom(32) })
}

/** A laptop with a phone and a kit, and the name of a key with which both write. */
async function familyWithKit(): Promise<{
  laptop: Machine
  phone: Machine
  member: RecoveryMember
  key: string
}> {
  const laptop = await firstMachine('Laptop')
  const phone = await addMachine(laptop, 'Phone')
  await meet(laptop, phone)
  const member = await kit()
  await laptop.roster.nameRecovery(publicKeysOf(member))
  const [key = ''] = await laptop.keyring.create(1)
  await laptop.log.append([{ kind: 'settings', body: utf8('rent: 900'), key }])
  await meet(laptop, phone)
  return { laptop, phone, member, key }
}

/** A bare device that has the vault's logs and keyring from somewhere, and a recovery member's keys. */
async function bareWith(from: Machine, member: RecoveryMember, name = 'New laptop'): Promise<Machine> {
  const keys = await makeDeviceKeys(components)
  const store = await openMemoryStore({ key: nodeRandom(32), ...components })
  const [vault, file] = [from.roster.vault, memoryKeyring()]
  const roster = await openRoster({ ...components, store }, { vault, device: keys.id })
  const keyring = await openKeyring({ ...components, file, roster, keys, recovery: member.keys })
  const signer = nodeCryptography.signer(keys.signing)
  const log = await openLog(
    { ...components, store, dataKeys: keyring, members: roster, signer },
    { vault, epoch: () => roster.epoch() },
  )
  log.knownOffline()
  await roster.follow(log)
  const transport = `peer-${name.replaceAll(' ', '')}`
  const agreement = await openOwnAgreement(
    { ...components, store },
    { newest: keys.agreement, changes: () => [] },
  )
  const bare = { keys, transport, store, file, roster, agreement, keyring, log }
  await carry(from, bare)
  await keyring.merge(from.keyring.bytes() ?? new Uint8Array())
  return bare
}

const enrolled = ({ keys, transport }: Machine, name: string) => ({
  id: keys.id,
  name,
  transport,
  agreementKey: keys.agreement.publicKey,
})

test('with all devices lost the words open the keyring, enrol a new device and take the lost ones out', async () => {
  const { laptop, phone, member, key } = await familyWithKit()
  const bare = await bareWith(laptop, member)
  expect(bare.keyring.get(key)).toEqual(laptop.keyring.get(key))
  await bare.roster.actAsRecovery(member, {
    enrol: [enrolled(bare, 'New laptop')],
    remove: [laptop.keys.id, phone.keys.id],
  })
  await bare.keyring.renew()
  expect(bare.roster.devices().map(({ name }) => name)).toEqual(['New laptop'])
  expect(bare.roster.removed().map(({ id, cut: { seq } }) => [id, seq])).toEqual(
    expect.arrayContaining([[laptop.keys.id, laptop.log.seen()[laptop.keys.id]]]),
  )
  expect(bare.keyring.describe().epoch).toBe(bare.roster.epoch())
  // Without the words it opens its own keyring from now on, and the lost ones do not.
  const again = await openKeyring({ ...components, file: bare.file, roster: bare.roster, keys: bare.keys })
  expect(again.get(key)).toEqual(laptop.keyring.get(key))
  const [later = ''] = await bare.keyring.create(1)
  await carry(bare, laptop)
  expect(await laptop.keyring.merge(bare.keyring.bytes() ?? new Uint8Array())).toMatchObject({ ok: false })
  expect(laptop.keyring.get(later)).toBeUndefined()
})

test('a device that was kept hears of the restore and reads what the new one writes', async () => {
  const { laptop, phone, member } = await familyWithKit()
  const bare = await bareWith(laptop, member)
  await bare.roster.actAsRecovery(member, { enrol: [enrolled(bare, 'New laptop')], remove: [laptop.keys.id] })
  const [key = ''] = await bare.keyring.create(1)
  await meet(bare, phone)
  expect(phone.roster.devices().map(({ name }) => name)).toEqual(['Phone', 'New laptop'])
  expect(phone.keyring.get(key)).toEqual(bare.keyring.get(key))
})

test('a second restore, with the kit that is still the vault’s, finds another place for its device', async () => {
  const { laptop, member } = await familyWithKit()
  const [one, two] = [await bareWith(laptop, member, 'One'), await bareWith(laptop, member, 'Two')]
  await one.roster.actAsRecovery(member, { enrol: [enrolled(one, 'One')] })
  await carry(one, two)
  await two.roster.actAsRecovery(member, { enrol: [enrolled(two, 'Two')] })
  await carry(two, laptop)
  expect(laptop.roster.devices().map(({ name }) => name)).toEqual(['Laptop', 'Phone', 'One', 'Two'])
  const ids = laptop.roster.devices().map(({ clientId }) => clientId)
  expect(new Set(ids).size).toBe(ids.length)
})

test('words that are of no vault, or not of this one any more, enrol nobody', async () => {
  const { laptop, member } = await familyWithKit()
  const stranger = await bareWith(laptop, await kit())
  const acts = { enrol: [enrolled(stranger, 'Mallory')] }
  await expect(stranger.roster.actAsRecovery(await kit(), acts)).rejects.toMatchObject({
    code: 'ERR_NOT_A_MEMBER',
  })
  const next = await kit()
  await laptop.roster.actAsRecovery(member, { name: publicKeysOf(next) })
  expect(laptop.roster.recoveryMembers().map(({ id }) => id)).toEqual([next.keys.id])
  // Mallory has the old words, and a copy of the vault from before.
  const old = await bareWith(laptop, member)
  await expect(old.roster.actAsRecovery(member, acts)).rejects.toMatchObject({ code: 'ERR_NOT_A_MEMBER' })
})

test('a kit that was replaced opens no keyring that is written later', async () => {
  const { laptop, member } = await familyWithKit()
  const next = await kit()
  await laptop.roster.actAsRecovery(member, { name: publicKeysOf(next) })
  const [key = ''] = await laptop.keyring.create(1)
  const [withOld, withNew] = [await bareWith(laptop, member), await bareWith(laptop, next)]
  expect(withOld.keyring.get(key)).toBeUndefined()
  expect(withNew.keyring.get(key)).toEqual(laptop.keyring.get(key))
})

test('there is one kit and one set of guardians, and only the kit puts others in their places', async () => {
  const { laptop, phone, member } = await familyWithKit()
  const [first, second] = [await guardians(), await guardians()]
  await phone.roster.nameRecovery(publicKeysOf(first))
  await meet(laptop, phone)
  for (const named of [await kit(), second]) {
    await expect(laptop.roster.nameRecovery(publicKeysOf(named))).rejects.toMatchObject({
      code: 'ERR_ALREADY_EXISTS',
    })
  }
  await laptop.roster.actAsRecovery(member, { name: publicKeysOf(second) })
  await meet(laptop, phone)
  expect(phone.roster.recoveryMembers().map(({ id }) => id)).toEqual([member.keys.id, second.keys.id])
  const bare = await bareWith(phone, second)
  await bare.roster.actAsRecovery(second, { enrol: [enrolled(bare, 'New')], remove: [laptop.keys.id] })
  expect(bare.roster.devices().map(({ name }) => name)).toEqual(['Phone', 'New'])
})
