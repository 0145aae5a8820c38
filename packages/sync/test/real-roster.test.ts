import {
  createVault,
  type DeviceKeys,
  invite,
  join,
  openKeyring,
  openRoster,
  readInvitation,
} from '@muniment/devices'
import type { KeyringFile, VaultId, VersionVector } from '@muniment/interface'
import { openLog } from '@muniment/log'
import { memoryChannelPair } from 'muniment/network'
import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { expect, test } from 'vitest'
import { allOf, textOf } from '../../log/test/support/actors.ts'
import { unsafeTestingStore } from '../../log/test/support/unsafe-testing-store.ts'
import { syncWith } from '../src/index.ts'
import { unsafeTestingClock } from './support/actors.ts'

const platform = { cryptography: nodeCryptography, random: nodeRandom }

function unsafeTestingKeyringFile(bytes?: Uint8Array): KeyringFile {
  let held = bytes
  return {
    read: async () => held,
    replace: async (next) => {
      held = next
    },
  }
}

type Given = Omit<Parameters<typeof openRoster>[1], 'vault' | 'device'> & { file: KeyringFile }

/** A device with the real log, roster and keyring. */
async function start(vault: VaultId, keys: DeviceKeys, { file, ...given }: Given) {
  const store = unsafeTestingStore()
  const signer = nodeCryptography.signer(keys.signing)
  const roster = await openRoster(
    { cryptography: nodeCryptography, random: nodeRandom, store },
    { vault, device: keys.id, ...given },
  )
  const keyring = await openKeyring({ ...platform, file, roster, keys })
  const log = await openLog(
    { ...platform, store, dataKeys: keyring, members: roster, signer },
    { vault, epoch: () => roster.epoch() },
  )
  log.knownOffline()
  await roster.follow(log)
  const components = { ...platform, log, roster, keyring, clock: unsafeTestingClock(), signer }
  return { id: keys.id, roster, keyring, log, components }
}
type Device = Awaited<ReturnType<typeof start>>

async function newVault() {
  const { vaultId, keys, genesis } = await createVault(platform, { name: 'laptop', transport: 'peer-laptop' })
  return start(vaultId, keys, { genesis, file: unsafeTestingKeyringFile() })
}

async function pair(inviter: Device, name: string): Promise<Device> {
  const clock = unsafeTestingClock()
  const transport = `peer-${name}`
  const inviterPeer = inviter.roster.device(inviter.id)?.transport ?? ''
  const [here, there] = memoryChannelPair({ peers: [inviterPeer, transport] })
  const invitation = invite(
    { ...platform, clock, roster: inviter.roster, keyring: inviter.keyring },
    { addresses: [] },
  )
  const confirmWords = async () => true
  const { secret } = readInvitation(invitation.code)
  const [joined] = await Promise.all([
    join(there, { ...platform, clock }, { secret, name, confirmWords }),
    invitation.accept(here, { confirmWords }),
  ])
  const file = unsafeTestingKeyringFile(joined.keyring)
  return start(joined.vaultId, joined.keys, { ...joined, file })
}

async function meet(left: Device, right: Device): Promise<void> {
  const peerOf = ({ roster, id }: Device) => roster.device(id)?.transport ?? ''
  const [atLeft, atRight] = memoryChannelPair({ peers: [peerOf(left), peerOf(right)] })
  const both = [syncWith(atLeft, left.components), syncWith(atRight, right.components)].map((sync) =>
    sync.catch(() => undefined),
  )
  const isSame = () =>
    sameSeen(left.log.seen(), right.log.seen()) &&
    sameSeen(left.keyring.describe().version, right.keyring.describe().version)
  await new Promise<void>((resolve) => {
    const look = () => (isSame() ? resolve() : undefined)
    for (const { log, keyring } of [left, right]) {
      log.onAppend(look)
      keyring.onChange(look)
    }
    look()
  })
  atLeft.abort(new Error('enough'))
  await Promise.all(both)
}

function sameSeen(one: VersionVector, two: VersionVector): boolean {
  const devices = new Set([...Object.keys(one), ...Object.keys(two)])
  return [...devices].every((device) => one[device] === two[device])
}

async function notesOf(reader: Device, writer: Device): Promise<string[]> {
  const entries = await allOf(reader.log.entries(writer.id))
  return entries.filter(({ kind }) => kind === 'shard' || kind === 'sealed').map(textOf)
}

async function write(device: Device, text: string): Promise<void> {
  const [key = ''] = await device.keyring.create(1)
  await device.log.append([{ kind: 'shard', body: new TextEncoder().encode(text), key }])
}

test('a phone that was paired gets the notes and the keys that open them, and so does a tablet that the phone paired', async () => {
  const laptop = await newVault()
  await write(laptop, 'before the phone')
  const phone = await pair(laptop, 'phone')
  await meet(laptop, phone)
  expect(await notesOf(phone, laptop)).toEqual(['before the phone'])
  await write(laptop, 'after the phone')
  await write(phone, 'from the phone')
  await meet(laptop, phone)
  const tablet = await pair(phone, 'tablet')
  await meet(phone, tablet)
  await write(tablet, 'from the tablet')
  await meet(phone, tablet)
  await meet(phone, laptop)
  for (const device of [laptop, phone, tablet]) {
    expect(await notesOf(device, laptop)).toEqual(['before the phone', 'after the phone'])
    expect(await notesOf(device, phone)).toEqual(['from the phone'])
    expect(await notesOf(device, tablet)).toEqual(['from the tablet'])
  }
})

test('what new devices wrote before they had seen their own enrolment reaches a phone that had not heard of them', async () => {
  const laptop = await newVault()
  const phone = await pair(laptop, 'phone')
  const tablets: Device[] = []
  for (let index = 0; index < 6; index++) {
    const tablet = await pair(laptop, `tablet-${index}`)
    await write(tablet, `from tablet ${index}`)
    tablets.push(tablet)
  }
  for (const tablet of tablets) await meet(tablet, laptop)
  await meet(laptop, phone)
  for (const [index, tablet] of tablets.entries()) {
    expect(await notesOf(phone, tablet)).toEqual([`from tablet ${index}`])
  }
})
