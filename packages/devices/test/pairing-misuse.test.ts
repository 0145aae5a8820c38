import type { Channel } from '@muniment/interface'
import { memoryChannelPair } from 'muniment/network'
import { nodeCryptography, nodeRandom } from 'muniment/platform'
import { describe, expect, test } from 'vitest'
import { type EnrolledDevice, invite, join, makeDeviceKeys, readInvitation } from '../src/index.ts'
import { joiningProof } from '../src/pairing-grant.ts'
import { handshakeAsInviter, handshakeAsJoiner } from '../src/pairing-handshake.ts'
import { type PairingSteps, pairingSteps } from '../src/pairing-steps.ts'
import { components, firstMachine, type Machine } from './person.ts'

const yes = () => true
const coded = (code: string) => expect.objectContaining({ code })

/** A joiner who knows the code, and then introduces itself as the test says. */
async function introduces(
  laptop: Machine,
  make: (honest: EnrolledDevice) => EnrolledDevice,
  isSignedByItself = true,
): Promise<PromiseSettledResult<unknown>> {
  const invitation = invite(
    { ...components, roster: laptop.roster, keyring: laptop.keyring },
    { addresses: [] },
  )
  const [onLaptop, channel] = memoryChannelPair({ peers: [laptop.transport, 'thief'] })
  const accepted = invitation.accept(onLaptop, { confirmWords: yes })
  const steps = pairingSteps(components, channel)
  const { binding } = await handshakeAsJoiner(
    components,
    { steps, channel },
    readInvitation(invitation.code).secret,
  )
  const keys = await makeDeviceKeys(components)
  const agreementKey = keys.agreement.publicKey
  const device = make({ id: keys.id, name: 'thief', transport: 'thief', agreementKey })
  const signer = nodeCryptography.signer(
    isSignedByItself ? keys.signing : (await makeDeviceKeys(components)).signing,
  )
  await steps.send('joining', {
    device: { ...device },
    proof: await signer.sign(joiningProof(binding, device)),
  })
  void channel.receive().then(
    () => channel.close(),
    () => undefined,
  )
  const [outcome] = await Promise.allSettled([accepted])
  return outcome
}

describe('who proved the code is still not believed', () => {
  test.each<[string, (honest: EnrolledDevice) => EnrolledDevice]>([
    ['that its connections are those of another', (honest) => ({ ...honest, transport: 'laptop-of-bob' })],
    ['that a name with hidden characters is a name', (honest) => ({ ...honest, name: 'a\u200Bb' })],
    ['that a short key is a key', (honest) => ({ ...honest, agreementKey: new Uint8Array(5) })],
  ])('%s', async (_, make) => {
    const laptop = await firstMachine('laptop')
    expect(await introduces(laptop, make)).toMatchObject({ reason: coded('ERR_PROTOCOL') })
    expect(laptop.roster.devices()).toHaveLength(1)
  })

  test("that another device's key is its own", async () => {
    const laptop = await firstMachine('laptop')
    const bob = await firstMachine('bob')
    expect(await introduces(laptop, (honest) => ({ ...honest, id: bob.keys.id }))).toMatchObject({
      reason: coded('ERR_PROTOCOL'),
    })
    expect(await introduces(laptop, (honest) => honest, false)).toMatchObject({
      reason: coded('ERR_PROTOCOL'),
    })
    expect(laptop.roster.devices()).toHaveLength(1)
  })

  test('when it is honest it is let in, which shows that the others were refused for what they did', async () => {
    const laptop = await firstMachine('laptop')
    expect(await introduces(laptop, (honest) => honest)).toMatchObject({ status: 'fulfilled' })
    expect(laptop.roster.devices()).toHaveLength(2)
  })
})

/** An inviter who knows the code, and then goes on as the test says. */
async function joinsWith(
  act: (steps: PairingSteps, device: EnrolledDevice) => Promise<void>,
): Promise<unknown> {
  const [channel, onPhone] = memoryChannelPair({ peers: ['thief', 'phone'] })
  const secret = { form: 'link', secret: nodeRandom(16) } as const
  const joined = join(onPhone, components, { secret, name: 'phone', confirmWords: yes })
  const outcome = joined.then(
    () => 'joined',
    (error: unknown) => error,
  )
  await actAsInviter(channel, secret, act).catch(() => undefined)
  return outcome
}

async function actAsInviter(
  channel: Channel,
  secret: { form: 'link'; secret: Uint8Array },
  act: (steps: PairingSteps, device: EnrolledDevice) => Promise<void>,
): Promise<void> {
  const steps = pairingSteps(components, channel)
  await handshakeAsInviter(
    components,
    { steps, channel },
    { secretFor: () => secret, judge: () => undefined },
  )
  const { joiningSchema } = await import('../src/pairing-grant.ts')
  const { device } = await steps.receive('joining', joiningSchema)
  await act(steps, device)
}

describe('a phone does not believe an inviting device', () => {
  const laptop = { name: 'laptop', agreementKey: new Uint8Array(1216), clientId: 1 }
  const id = 'A'.repeat(43)
  const grant = (devices: readonly { readonly [name: string]: string | number | Uint8Array }[]) => ({
    vault: id,
    roster: { heads: [id], devices },
    keyringLength: 3,
    addresses: [],
  })

  test('that does not list the phone, or not itself', async () => {
    const thief = { ...laptop, id, transport: 'thief', addedBy: id }
    const other = { ...laptop, id: `B${id.slice(1)}`, transport: 'phone', addedBy: id, clientId: 3 }
    const lists = [
      () => [thief, other],
      (device: EnrolledDevice) => [
        { ...thief, transport: 'x' },
        { ...device, clientId: 3, addedBy: id },
      ],
    ]
    for (const list of lists) {
      const outcome = await joinsWith(async (steps, device) => {
        await steps.send('grant', grant(list(device)))
        await steps.send('keyring', { part: new Uint8Array(3) })
      })
      expect(outcome).toEqual(coded('ERR_PROTOCOL'))
    }
  })

  test('that sends more keyring than it announced, or hangs up', async () => {
    const thief = { ...laptop, id, transport: 'thief', addedBy: id }
    expect(
      await joinsWith(async (steps, device) => {
        await steps.send('grant', grant([thief, { ...device, clientId: 3, addedBy: id }]))
        await steps.send('keyring', { part: new Uint8Array(9) })
      }),
    ).toEqual(coded('ERR_PROTOCOL'))
  })

  test.each([
    ['that does not prove to hold the secret', 'tag', 'ERR_WRONG_CODE'],
    ['that reveals something else than it committed to', 'reveal', 'ERR_PROTOCOL'],
  ])('%s, and shows its person no words', async (_, step, code) => {
    const [channel, onPhone] = memoryChannelPair({ peers: ['thief', 'phone'] })
    const secret = { form: 'link', secret: nodeRandom(16) } as const
    let isAsked = false
    const confirmWords = () => (isAsked = true)
    const joined = join(onPhone, components, { secret, name: 'phone', confirmWords })
    const honest = pairingSteps(components, channel)
    const steps: PairingSteps = {
      ...honest,
      send: (name, value) =>
        honest.send(name, name === step ? { ...(value as object), [step]: nodeRandom(32) } : value),
    }
    const judge = { secretFor: () => secret, judge: () => undefined }
    const [outcome] = await Promise.allSettled([
      joined,
      handshakeAsInviter(components, { steps, channel }, judge).catch(() => undefined),
    ])
    expect(outcome).toMatchObject({ reason: coded(code) })
    expect(isAsked).toBe(false)
  })
})
