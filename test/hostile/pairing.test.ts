import {
  createVault,
  type Invitation,
  invite,
  join,
  openKeyring,
  openRoster,
  readInvitation,
  type Roster,
} from '@muniment/devices'
import { toCanonical } from '@muniment/crypto'
import type { Channel } from '@muniment/interface'
import { openLog } from '@muniment/log'
import fc from 'fast-check'
import { memoryChannelPair } from 'muniment/network'
import { nodeClock, nodeCryptography, nodeRandom } from 'muniment/platform'
import { memoryKeyring, openMemoryStore } from 'muniment/store'
import { describe, expect, test } from 'vitest'

/** 1 is what `npm test` runs; 20 runs the figures of threat T20 whole. */
const SCALE = Number(process.env['MUNIMENT_SCALE'] ?? '1')
/** Milliseconds for a test that grows with the scale. */
const PATIENCE = 20_000 * SCALE
const components = { cryptography: nodeCryptography, random: nodeRandom, clock: nodeClock }
const yes = () => true
const coded = (code: string) => expect.objectContaining({ code })

interface Laptop {
  readonly roster: Roster
  invite(): Invitation
}

/** A vault with one device, ready to invite. */
async function laptopOf(): Promise<Laptop> {
  const { vaultId, keys, genesis } = await createVault(components, { name: 'laptop', transport: 'laptop' })
  const store = await openMemoryStore({ key: nodeRandom(32), ...components })
  const roster = await openRoster({ ...components, store }, { vault: vaultId, device: keys.id, genesis })
  const keyring = await openKeyring({ ...components, file: memoryKeyring(), roster, keys })
  const signer = nodeCryptography.signer(keys.signing)
  const epoch = () => roster.epoch()
  const log = await openLog(
    { ...components, store, dataKeys: keyring, members: roster, signer },
    { vault: vaultId, epoch },
  )
  log.knownOffline()
  await roster.follow(log)
  return {
    roster,
    invite: () => invite({ ...components, roster, keyring }, { addresses: ['/ip4/10.0.0.1/tcp/1'] }),
  }
}

function phoneJoins(
  channel: Channel,
  text: string,
  confirmWords: (words: readonly string[]) => boolean = yes,
) {
  return join(channel, components, { secret: readInvitation(text).secret, name: 'phone', confirmWords })
}

const wires = (phone = 'phone') => memoryChannelPair({ peers: ['laptop', phone] })

/** A channel whose messages pass through somebody else's hands; `undefined` drops the message. */
function tapped(channel: Channel, change: (message: Uint8Array) => Uint8Array | undefined): Channel {
  return {
    local: channel.local,
    remote: channel.remote,
    async send(message) {
      const changed = change(message)
      if (changed) await channel.send(changed)
    },
    receive: (options) => channel.receive(options),
    close: () => channel.close(),
    abort: (reason) => channel.abort(reason),
  }
}

describe('a thief with wrong codes', () => {
  test('never gets in, and each code is burnt after one guess', { timeout: PATIENCE }, async () => {
    const laptop = await laptopOf()
    for (let guess = 0; guess < 50 * SCALE; guess++) {
      const invitation = laptop.invite()
      const wrong = laptop.invite()
      const [onLaptop, onPhone] = wires()
      const outcome = await Promise.allSettled([
        invitation.accept(onLaptop, { confirmWords: yes }),
        phoneJoins(onPhone, guess % 2 === 0 ? wrong.code : wrong.link),
      ])
      for (const side of outcome) expect(side).toMatchObject({ reason: coded('ERR_WRONG_CODE') })
      expect(invitation.state()).toBe('burnt')
      const [again, withTheRightOne] = wires()
      const late = await Promise.allSettled([
        invitation.accept(again, { confirmWords: yes }),
        phoneJoins(withTheRightOne, invitation.code),
      ])
      for (const side of late) expect(side).toMatchObject({ reason: coded('ERR_INVITATION_USED') })
    }
    expect(laptop.roster.devices()).toHaveLength(1)
  })

  test('who guesses on many connections at once still has one guess', async () => {
    const laptop = await laptopOf()
    const invitation = laptop.invite()
    const guesses = Array.from({ length: 10 }, (_, index) => {
      const [onLaptop, onPhone] = wires(`thief${index}`)
      const accepted = invitation.accept(onLaptop, { confirmWords: yes })
      return Promise.allSettled([accepted, phoneJoins(onPhone, laptop.invite().code)])
    })
    const ends = (await Promise.all(guesses)).map(([, phone]) =>
      phone.status === 'rejected' ? phone.reason.code : 'in',
    )
    expect(ends.filter((code) => code === 'ERR_WRONG_CODE')).toHaveLength(1)
    expect(ends).not.toContain('in')
    expect(invitation.state()).toBe('burnt')
  })
})

describe('somebody on the line', () => {
  test('who only listens reads no name, key, code or vault', async () => {
    const laptop = await laptopOf()
    const invitation = laptop.invite()
    const heard: Uint8Array[] = []
    const listen = (message: Uint8Array) => {
      heard.push(message.slice())
      return message
    }
    const [onLaptop, onPhone] = wires()
    const [device, joined] = await Promise.all([
      invitation.accept(tapped(onLaptop, listen), { confirmWords: yes }),
      phoneJoins(tapped(onPhone, listen), invitation.code),
    ])
    const line = Buffer.concat(heard).toString('latin1')
    const { keys, vaultId, keyring } = joined
    const texts = [
      'phone',
      invitation.code,
      invitation.code.replaceAll('-', ''),
      vaultId,
      device.id,
      '/ip4/10.0.0.1',
    ]
    const bytes = [
      keys.agreement.publicKey.subarray(0, 32),
      keys.signing.publicKey.bytes,
      keyring.subarray(0, 64),
    ]
    for (const secret of [...texts, ...bytes.map((one) => Buffer.from(one).toString('latin1'))]) {
      expect(line).not.toContain(secret)
    }
  })

  test('who relays between two connections of his own fails as a wrong code does', async () => {
    const laptop = await laptopOf()
    const invitation = laptop.invite()
    const [onLaptop, thiefAtLaptop] = wires('thief')
    const [thiefAtPhone, onPhone] = memoryChannelPair({ peers: ['thief', 'phone'] })
    const relay = Promise.allSettled([pump(thiefAtPhone, thiefAtLaptop), pump(thiefAtLaptop, thiefAtPhone)])
    const outcome = await Promise.allSettled([
      invitation.accept(onLaptop, { confirmWords: yes }),
      phoneJoins(onPhone, invitation.code),
    ])
    await relay
    for (const side of outcome) expect(side).toMatchObject({ reason: coded('ERR_WRONG_CODE') })
    expect(laptop.roster.devices()).toHaveLength(1)
  })

  test('who read the code off the screen is found out by the words', async () => {
    const laptop = await laptopOf()
    const [shown, forThePhone] = [laptop.invite(), (await laptopOf()).invite()]
    const words: string[] = []
    const note = (list: readonly string[]) => words.push(list.join(' ')) < 0
    const [onLaptop, thiefAsPhone] = wires('thief')
    const [thiefAsLaptop, onPhone] = memoryChannelPair({ peers: ['thief', 'phone'] })
    await Promise.allSettled([
      shown.accept(onLaptop, { confirmWords: note }),
      phoneJoins(thiefAsPhone, shown.code),
      forThePhone.accept(thiefAsLaptop, { confirmWords: yes }),
      phoneJoins(onPhone, forThePhone.code, note),
    ])
    expect(words).toHaveLength(2)
    expect(words[0]).not.toBe(words[1])
    expect(laptop.roster.devices()).toHaveLength(1)
  })

  test(
    'who changes a bit of any message, or swaps it for rubbish, lets nobody in',
    { timeout: PATIENCE },
    async () => {
      const attack = fc.record({
        at: fc.nat(9),
        how: fc.constantFrom('flip', 'rubbish', 'empty', 'long', 'deep'),
        place: fc.nat(),
        rubbish: fc.uint8Array({ maxLength: 200 }),
      })
      await fc.assert(
        fc.asyncProperty(attack, async ({ at, how, place, rubbish }) => {
          const laptop = await laptopOf()
          const invitation = laptop.invite()
          let count = -1
          const change = (message: Uint8Array): Uint8Array => {
            count += 1
            if (count !== at) return message
            if (how === 'rubbish') return rubbish
            if (how === 'empty') return new Uint8Array(0)
            if (how === 'long') return new Uint8Array(900_000)
            if (how === 'deep') return new Uint8Array(800).fill(0x81)
            const flipped = message.slice()
            flipped[place % flipped.length] = (flipped[place % flipped.length] ?? 0) ^ 1
            return flipped
          }
          const [onLaptop, onPhone] = wires()
          const [accepted, joined] = await Promise.allSettled([
            invitation.accept(tapped(onLaptop, change), { confirmWords: yes }),
            phoneJoins(tapped(onPhone, change), invitation.link),
          ])
          expect(count).toBeGreaterThanOrEqual(Math.min(at, 1))
          // From the grant on the laptop has enrolled the phone; before, nobody is in.
          const isEnrolled = laptop.roster.devices().length > 1
          expect(isEnrolled).toBe(accepted.status === 'fulfilled')
          if (joined.status === 'fulfilled') expect(isEnrolled).toBe(true)
          else expect(joined.reason).toMatchObject({ name: 'MunimentError' })
        }),
        { numRuns: 60 * SCALE },
      )
    },
  )
})

describe('a device that misbehaves', () => {
  test('cannot skip the words: a device sent in the clear is no step of the protocol', async () => {
    const laptop = await laptopOf()
    const invitation = laptop.invite()
    const [onLaptop, onPhone] = wires()
    const accepted = invitation.accept(onLaptop, { confirmWords: yes })
    await onPhone.send(toCanonical({ device: { id: 'x' }, proof: new Uint8Array(64) }))
    await expect(accepted).rejects.toThrow(coded('ERR_PROTOCOL'))
    expect(invitation.state()).toBe('open')
    expect(laptop.roster.devices()).toHaveLength(1)
  })
})

async function pump(from: Channel, to: Channel): Promise<void> {
  for (let message = await from.receive(); message; message = await from.receive()) await to.send(message)
  await to.close()
}
