import { type Channel, type Clock, MunimentError } from '@muniment/interface'
import { memoryChannelPair } from 'muniment/network'
import { nodeRandom } from 'muniment/platform'
import { memoryKeyring } from 'muniment/store'
import { describe, expect, test } from 'vitest'
import {
  INVITATION_LIFETIME,
  type Invitation,
  invite,
  join,
  type JoinedVault,
  readInvitation,
} from '../src/index.ts'
import { makeCode } from '../src/invitation-code.ts'
import { carry, components, firstMachine, type Machine, meet, openMachine } from './person.ts'

const yes = () => true
const coded = (code: string) => expect.objectContaining({ code })

function invitationOf(laptop: Machine, clock: Clock = components.clock): Invitation {
  const addresses = ['/ip4/127.0.0.1/tcp/4001']
  return invite({ ...components, clock, roster: laptop.roster, keyring: laptop.keyring }, { addresses })
}

interface Told {
  readonly confirm?: (words: readonly string[]) => boolean | Promise<boolean>
  readonly name?: string
}

function channelsTo(laptop: Machine, phone: string): [Channel, Channel] {
  return memoryChannelPair({ peers: [laptop.transport, phone] })
}

/** Both sides of one attempt; `text` is what the person at the phone scanned or typed. */
async function attempt(
  laptop: Machine,
  {
    invitation,
    text,
    at = yes,
    here = {},
  }: { invitation: Invitation; text: string; at?: Told['confirm'] & {}; here?: Told },
) {
  const [onLaptop, onPhone] = channelsTo(laptop, `peer-${here.name ?? 'phone'}`)
  const accepted = invitation.accept(onLaptop, { confirmWords: at })
  const joined = join(onPhone, components, {
    secret: readInvitation(text).secret,
    name: here.name ?? 'phone',
    confirmWords: here.confirm ?? yes,
  })
  const [laptopSide, phoneSide] = await Promise.allSettled([accepted, joined])
  return { laptopSide, phoneSide }
}

async function pairedPhone(laptop: Machine, name = 'phone'): Promise<Machine> {
  const invitation = invitationOf(laptop)
  const { phoneSide } = await attempt(laptop, { invitation, text: invitation.code, here: { name } })
  if (phoneSide.status === 'rejected') throw phoneSide.reason
  return openJoined(phoneSide.value, `peer-${name}`)
}

async function openJoined(joined: JoinedVault, transport: string): Promise<Machine> {
  const file = memoryKeyring()
  await file.replace(joined.keyring)
  return openMachine({ vault: joined.vaultId, keys: joined.keys, transport, file, granted: joined.granted })
}

describe('a phone joins a vault', () => {
  test.each(['link', 'code'] as const)(
    'by %s: both screens show the same words, and the keys arrive',
    async (form) => {
      const laptop = await firstMachine('laptop')
      const [key = ''] = await laptop.keyring.create(1)
      const shown: (readonly string[])[] = []
      const confirm = (words: readonly string[]) => shown.push(words) > 0
      const invitation = invitationOf(laptop)
      const text = invitation[form]
      const { laptopSide, phoneSide } = await attempt(laptop, {
        invitation,
        text,
        at: confirm,
        here: { confirm },
      })
      if (phoneSide.status === 'rejected') throw phoneSide.reason
      expect(laptopSide).toEqual({
        status: 'fulfilled',
        value: expect.objectContaining({ name: 'phone', clientId: 3 }),
      })
      expect(shown[0]).toHaveLength(3)
      expect(shown[1]).toEqual(shown[0])
      expect(phoneSide.value).toMatchObject({
        vaultId: laptop.roster.vault,
        inviter: laptop.keys.id,
        addresses: ['/ip4/127.0.0.1/tcp/4001'],
      })
      const phone = await openJoined(phoneSide.value, 'peer-phone')
      expect(phone.keyring.get(key)).toEqual(laptop.keyring.get(key))
      expect(phone.roster.epoch()).toBe(laptop.roster.epoch())
      expect(invitation.state()).toBe('used')
    },
  )

  test('it believes what the laptop said until the roster has arrived, and the roster itself from then on', async () => {
    const laptop = await firstMachine('laptop')
    const phone = await pairedPhone(laptop)
    expect(phone.roster.isGranted()).toBe(true)
    expect(phone.roster.isMember(laptop.keys.id)).toBe(true)
    expect(phone.roster.device(phone.keys.id)?.clientId).toBe(3)
    const epoch = phone.roster.epoch()
    await carry(laptop, phone)
    expect(phone.roster.isGranted()).toBe(false)
    expect(phone.roster.epoch()).toBe(epoch)
    expect(phone.roster.devices()).toEqual(laptop.roster.devices())
  })

  test('what it was told survives a restart before it has met anybody', async () => {
    const laptop = await firstMachine('laptop')
    const phone = await pairedPhone(laptop)
    const again = await openMachine({ ...phone, vault: phone.roster.vault })
    expect(again.roster.isGranted()).toBe(true)
    expect(again.roster.byTransport('peer-laptop')?.id).toBe(laptop.keys.id)
    await meet(laptop, again)
    const third = await openMachine({ ...phone, vault: phone.roster.vault })
    expect(third.roster.isGranted()).toBe(false)
    expect(third.roster.devices().map(({ name }) => name)).toEqual(['laptop', 'phone'])
  })

  test('a phone that joined invites a tablet, and all three agree', async () => {
    const laptop = await firstMachine('laptop')
    const phone = await pairedPhone(laptop)
    await meet(laptop, phone)
    const tablet = await pairedPhone(phone, 'tablet')
    const [key = ''] = await tablet.keyring.create(1)
    await meet(phone, tablet)
    await meet(laptop, phone)
    await meet(laptop, tablet)
    for (const machine of [laptop, phone, tablet]) {
      expect(machine.roster.devices().map(({ name }) => name)).toEqual(['laptop', 'phone', 'tablet'])
      expect(machine.roster.epoch()).toBe(laptop.roster.epoch())
      expect(machine.keyring.get(key)).toBeDefined()
      expect(machine.keyring.describe()).toEqual(laptop.keyring.describe())
    }
  })
})

describe('nobody joins', () => {
  test('when the person at the laptop sees other words', async () => {
    const laptop = await firstMachine('laptop')
    const invitation = invitationOf(laptop)
    const { laptopSide, phoneSide } = await attempt(laptop, {
      invitation,
      text: invitation.code,
      at: () => false,
    })
    expect(laptopSide).toMatchObject({ reason: coded('ERR_WORDS_DIFFER') })
    expect(phoneSide).toMatchObject({ reason: coded('ERR_WORDS_DIFFER') })
    expect(laptop.roster.devices()).toHaveLength(1)
  })

  test('when the person at the phone sees other words, however long the one at the laptop takes', async () => {
    const laptop = await firstMachine('laptop')
    const invitation = invitationOf(laptop)
    let isQuestionWithdrawn = false
    const at = (
      _: readonly string[],
      { signal }: { signal: AbortSignal } = { signal: new AbortController().signal },
    ) => new Promise<boolean>(() => signal.addEventListener('abort', () => (isQuestionWithdrawn = true)))
    const here = { confirm: () => false }
    const { laptopSide, phoneSide } = await attempt(laptop, { invitation, text: invitation.link, at, here })
    expect(laptopSide).toMatchObject({ reason: coded('ERR_WORDS_DIFFER') })
    expect(phoneSide).toMatchObject({ reason: coded('ERR_WORDS_DIFFER') })
    expect(isQuestionWithdrawn).toBe(true)
    expect(laptop.roster.devices()).toHaveLength(1)
  })

  test('by a wrong code, and the code is burnt for the right one too; a new one works', async () => {
    const laptop = await firstMachine('laptop')
    const invitation = invitationOf(laptop)
    let news = 0
    invitation.onChange(() => (news += 1))
    const wrong = await attempt(laptop, { invitation, text: makeCode(nodeRandom) })
    expect(wrong.laptopSide).toMatchObject({ reason: coded('ERR_WRONG_CODE') })
    expect(wrong.phoneSide).toMatchObject({ reason: coded('ERR_WRONG_CODE') })
    expect([invitation.state(), news]).toEqual(['burnt', 1])
    const late = await attempt(laptop, { invitation, text: invitation.code })
    expect(late.phoneSide).toMatchObject({ reason: coded('ERR_INVITATION_USED') })
    expect(laptop.roster.devices()).toHaveLength(1)
    await pairedPhone(laptop)
    expect(laptop.roster.devices()).toHaveLength(2)
  })

  test('by an invitation that was used, withdrawn, or is ten minutes old', async () => {
    const laptop = await firstMachine('laptop')
    let now = 1_000_000
    const clock: Clock = { ...components.clock, now: () => now }
    const [used, withdrawn, old] = [
      invitationOf(laptop, clock),
      invitationOf(laptop, clock),
      invitationOf(laptop, clock),
    ]
    await attempt(laptop, { invitation: used, text: used.link })
    withdrawn.withdraw()
    now += INVITATION_LIFETIME
    for (const [invitation, code] of [
      [used, 'ERR_INVITATION_USED'],
      [withdrawn, 'ERR_INVITATION_USED'],
      [old, 'ERR_INVITATION_EXPIRED'],
    ] as const) {
      const { laptopSide, phoneSide } = await attempt(laptop, {
        invitation,
        text: invitation.link,
        here: { name: 'x' },
      })
      expect(laptopSide).toMatchObject({ reason: coded(code) })
      expect(phoneSide).toMatchObject({ reason: coded(code) })
    }
    expect(old.state()).toBe('expired')
    expect(laptop.roster.devices()).toHaveLength(2)
  })

  test('from a connection that was given up', async () => {
    const laptop = await firstMachine('laptop')
    const invitation = invitationOf(laptop)
    const [onLaptop, onPhone] = channelsTo(laptop, 'peer-phone')
    const stop = new AbortController()
    const accepted = invitation.accept(onLaptop, { confirmWords: yes, signal: stop.signal })
    stop.abort()
    await expect(accepted).rejects.toThrow(coded('ERR_ABORTED'))
    await expect(onPhone.receive()).rejects.toThrow(MunimentError)
    expect(invitation.state()).toBe('open')
  })

  test('who keeps silent is given up on after the step time-out', async () => {
    const laptop = await firstMachine('laptop')
    const clock: Clock = { ...components.clock, wait: async () => undefined }
    const [onLaptop] = channelsTo(laptop, 'peer-phone')
    const invitation = invitationOf(laptop, clock)
    await expect(invitation.accept(onLaptop, { confirmWords: yes })).rejects.toThrow(coded('ERR_TIMEOUT'))
    expect(invitation.state()).toBe('open')
  })
})
