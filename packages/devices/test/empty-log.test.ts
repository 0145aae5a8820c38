import { utf8 } from '@muniment/crypto'
import { openLog } from '@muniment/log'
import { openMemoryStore } from 'muniment/store'
import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { expect, test } from 'vitest'
import { makeDeviceKeys, openRoster } from '../src/index.ts'
import { addMachine } from './enrol.ts'
import { carry, components, firstMachine, type Machine, openMachine } from './person.ts'

/** A device that nobody has enrolled and that was told nothing but the vault's name. */
async function bareMachine(vault: string): Promise<Machine> {
  return openMachine({ vault, keys: await makeDeviceKeys(components), transport: 'peer-bare' })
}

test('a bare device that knows nothing but the vault’s name takes in its whole log, and learns who is in it', async () => {
  const laptop = await firstMachine('Laptop')
  const phone = await addMachine(laptop, 'Phone')
  await carry(laptop, phone)
  await phone.log.append([
    { kind: 'settings', body: utf8('x'), key: (await phone.keyring.create(1))[0] ?? '' },
  ])
  await carry(phone, laptop)
  const bare = await bareMachine(laptop.roster.vault)
  await carry(laptop, bare)
  expect(bare.log.seen()).toEqual(laptop.log.seen())
  expect(bare.roster.devices()).toEqual(laptop.roster.devices())
  expect(bare.roster.isMember(bare.keys.id)).toBe(false)
})

test('Mallory, who knows the first operation, gets no log of hers in by carrying it', async () => {
  const laptop = await firstMachine('Laptop')
  const [genesis] = await Array.fromAsync(laptop.log.entries(laptop.keys.id, { from: 2, to: 2 }))
  const keys = await makeDeviceKeys(components)
  const store = await openMemoryStore({ key: nodeRandom(32), ...components })
  const mallorys = await openLog(
    {
      ...components,
      store,
      dataKeys: laptop.keyring,
      members: { isMember: () => true },
      signer: nodeCryptography.signer(keys.signing),
    },
    { vault: laptop.roster.vault, epoch: () => laptop.roster.epoch() },
  )
  mallorys.knownOffline()
  expect(genesis?.kind).toBe('roster')
  await mallorys.append([{ kind: 'roster', body: genesis?.body ?? new Uint8Array() }])
  const bare = await bareMachine(laptop.roster.vault)
  for await (const { bundle } of mallorys.frames({})) {
    expect(await bare.log.receive(bundle)).toMatchObject({ ok: false, problems: [{ code: 'not_a_member' }] })
  }
  const roster = await openRoster({ ...components, store }, { vault: laptop.roster.vault, device: keys.id })
  expect(roster.admits(keys.id, [genesis?.body ?? new Uint8Array()])).toBe(false)
  expect(roster.admits(laptop.keys.id, [genesis?.body ?? new Uint8Array()])).toBe(true)
})
