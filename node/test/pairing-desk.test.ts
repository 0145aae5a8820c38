import { INVITATION_LIFETIME, type Invitation, join, readInvitation } from '@muniment/devices'
import { expect, test } from 'vitest'
import { memoryChannelPair } from '../src/network/index.ts'
import { type InviteOptions, pairingDesk } from '../src/person/pairing-desk.ts'
import { nodeClock } from '../src/platform/index.ts'
import { chance, firstDevice } from './support/device.ts'
import { unsafeTestingClock } from './support/testing-clock.ts'

/** Ana's laptop with its desk, and the invitations that it showed her. */
async function laptop(clock = unsafeTestingClock()) {
  const { roster, keyring } = await firstDevice('laptop')
  const stop = new AbortController()
  const desk = pairingDesk(
    { ...chance, clock, roster, keyring },
    { addresses: () => ['/ip4/127.0.0.1/tcp/4001/p2p/x'], stopping: stop.signal },
  )
  const shown: Invitation[] = []
  const invites = (options: Partial<InviteOptions> = {}) =>
    desk.invite({
      confirmWords: async () => true,
      onInvitation: (invitation) => shown.push(invitation),
      ...options,
    })
  return { desk, roster, clock, shown, invites, stop }
}

type Laptop = Awaited<ReturnType<typeof laptop>>

/** Somebody's device that dials the laptop with a code; what becomes of both ends. */
function dials(
  { desk }: Laptop,
  text: string,
  {
    name = 'phone',
    confirmWords = async () => true,
  }: { name?: string; confirmWords?: () => Promise<boolean> } = {},
) {
  const [here, there] = memoryChannelPair({ peers: ['peer-laptop', `peer-${name}`] })
  const accepted = desk.accept(here)
  const joined = join(
    there,
    { ...chance, clock: nodeClock },
    { secret: readInvitation(text).secret, name, confirmWords },
  )
  accepted.catch(() => undefined)
  joined.catch(() => undefined)
  return { accepted, joined, breaksOff: () => there.abort(new Error('the line broke')) }
}

function only<T>(list: readonly T[], at = 0): T {
  const one = list[at]
  if (one === undefined) throw new Error(`there is no number ${at}`)
  return one
}

test('a phone that answers the invitation is one of the devices', async () => {
  const ana = await laptop()
  const invited = ana.invites()
  const { joined } = dials(ana, only(ana.shown).link)
  await expect(invited).resolves.toMatchObject({ name: 'phone' })
  await joined
  expect(ana.roster.devices().map(({ name }) => name)).toEqual(['laptop', 'phone'])
})

test('somebody else who dials while Ana compares words changes nothing of what she sees', async () => {
  const ana = await laptop()
  const words = Promise.withResolvers<boolean>()
  const asked = Promise.withResolvers<void>()
  const invited = ana.invites({
    confirmWords: () => {
      asked.resolve()
      return words.promise
    },
  })
  const { link, code } = only(ana.shown)
  dials(ana, link)
  await asked.promise
  const stranger = dials(ana, code, { name: 'stranger' })
  await expect(stranger.joined).rejects.toMatchObject({ code: 'ERR_INVITATION_USED' })
  expect(ana.shown).toHaveLength(1)
  words.resolve(true)
  await expect(invited).resolves.toMatchObject({ name: 'phone' })
  expect(ana.shown).toHaveLength(1)
})

test('a wrong guess burns the code, and Ana is shown another one that works', async () => {
  const ana = await laptop()
  const other = await laptop()
  void other.invites().catch(() => undefined)
  const invited = ana.invites()
  await expect(dials(ana, only(other.shown).code).joined).rejects.toMatchObject({ code: 'ERR_WRONG_CODE' })
  expect(ana.shown).toHaveLength(2)
  expect(only(ana.shown).state()).toBe('burnt')
  dials(ana, only(ana.shown, 1).code)
  await expect(invited).resolves.toMatchObject({ name: 'phone' })
  other.stop.abort()
})

test('a phone whose line breaks at the words uses the code up, and Ana is shown another one', async () => {
  const ana = await laptop()
  const asked = Promise.withResolvers<void>()
  const never = new Promise<boolean>(() => undefined)
  const invited = ana.invites()
  const phone = dials(ana, only(ana.shown).code, {
    confirmWords: () => {
      asked.resolve()
      return never
    },
  })
  await asked.promise
  phone.breaksOff()
  await expect(phone.accepted).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
  expect(ana.shown).toHaveLength(2)
  dials(ana, only(ana.shown, 1).link)
  await expect(invited).resolves.toMatchObject({ name: 'phone' })
})

test('an invitation shown in place of a burnt one has its own ten minutes', async () => {
  const ana = await laptop()
  const other = await laptop()
  void other.invites().catch(() => undefined)
  const invited = ana.invites()
  invited.catch(() => undefined)
  ana.clock.advance(INVITATION_LIFETIME - 1)
  await expect(dials(ana, only(other.shown).code).joined).rejects.toMatchObject({ code: 'ERR_WRONG_CODE' })
  ana.clock.advance(INVITATION_LIFETIME - 1)
  expect(only(ana.shown, 1).state()).toBe('open')
  ana.clock.advance(1)
  await expect(invited).rejects.toMatchObject({ code: 'ERR_INVITATION_EXPIRED' })
  other.stop.abort()
})

test('whoever takes the invitation back before it is shown is shown none', async () => {
  const ana = await laptop()
  const invited = ana.invites({ signal: AbortSignal.abort() })
  await expect(invited).rejects.toMatchObject({ code: 'ERR_ABORTED' })
  expect(ana.shown).toEqual([])
})

test('different words on the two devices end the invitation, and nobody is enrolled', async () => {
  const ana = await laptop()
  const invited = ana.invites({ confirmWords: async () => false })
  dials(ana, only(ana.shown).link)
  await expect(invited).rejects.toMatchObject({ code: 'ERR_WORDS_DIFFER' })
  expect(ana.shown).toHaveLength(1)
  expect(ana.roster.devices()).toHaveLength(1)
})

test('when the device stops, nobody waits for a guest any more', async () => {
  const ana = await laptop()
  const invited = ana.invites()
  ana.stop.abort()
  await expect(invited).rejects.toMatchObject({ code: 'ERR_ABORTED' })
  await expect(dials(ana, only(ana.shown).link).joined).rejects.toMatchObject({ code: 'ERR_INVITATION_USED' })
})
