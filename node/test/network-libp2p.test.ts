import { channelCompliance } from '@muniment/compliance'
import type { Channel } from '@muniment/interface'
import { createNetwork, MAX_MESSAGE, type Network, peerIdOf } from 'muniment/network'
import { nodeClock as clock, nodeRandom as random } from 'muniment/platform'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deferred } from './support/deferred.ts'

const LOOPBACK = ['/ip4/127.0.0.1/tcp/0']
const TALK = '/muniment/test/1'

let alice: Network
let bob: Network
let onChannel: (channel: Channel) => Promise<void>

beforeAll(async () => {
  alice = await createNetwork({ transportKey: random(32), clock })
  bob = await createNetwork({ transportKey: random(32), listen: LOOPBACK, clock })
  await bob.serve(TALK, (channel) => onChannel(channel))
})
afterAll(async () => {
  await Promise.all([alice.stop(), bob.stop()])
})

function bobsAddress(): string {
  return bob.addresses()[0] ?? ''
}

async function openPair(): Promise<{ ends: [Channel, Channel]; stop: () => Promise<void> }> {
  const accepted = deferred<Channel>()
  const over = deferred<void>()
  onChannel = (channel) => {
    accepted.resolve(channel)
    return over.promise
  }
  const dialled = await alice.dial(bobsAddress(), TALK)
  return { ends: [dialled, await accepted.promise], stop: async () => over.resolve() }
}

channelCompliance('a stream of libp2p', async () => ({ ...(await openPair()), limit: MAX_MESSAGE }))

describe('a network', () => {
  it('gives addresses that end in its peer id', () => {
    expect(bobsAddress()).toMatch(new RegExp(`^/ip4/127\\.0\\.0\\.1/tcp/\\d+/p2p/${bob.peerId}$`))
  })

  it('is the same peer with the same transport key', async () => {
    const transportKey = random(32)
    const carol = await createNetwork({ transportKey, clock })

    expect(carol.peerId).toBe(await peerIdOf(transportKey))
    await carol.stop()
  })

  it('finds nobody at an address where nobody listens any more', async () => {
    const carol = await createNetwork({ transportKey: random(32), listen: LOOPBACK, clock })
    const address = carol.addresses()[0] ?? ''
    await carol.stop()

    await expect(alice.dial(address, TALK)).rejects.toMatchObject({ code: 'ERR_UNREACHABLE' })
  })

  it('does not take a peer for another whose key it has not', async () => {
    const carol = await createNetwork({ transportKey: random(32), clock })
    const pretended = bobsAddress().replace(bob.peerId, await peerIdOf(random(32)))

    await expect(carol.dial(pretended, TALK)).rejects.toMatchObject({ code: 'ERR_UNREACHABLE' })
    await carol.stop()
  })

  it('names a protocol that the peer does not speak as such', async () => {
    await expect(alice.dial(bobsAddress(), '/muniment/other/1')).rejects.toMatchObject({
      code: 'ERR_PROTOCOL',
    })
  })

  it('refuses an address without a peer, or none at all', async () => {
    for (const address of ['/ip4/127.0.0.1/tcp/1', 'bob', '']) {
      await expect(alice.dial(address, TALK)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    }
  })

  it('gives up a dial when asked to', async () => {
    await expect(alice.dial(bobsAddress(), TALK, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_ABORTED',
    })
  })

  it('closes a channel when its server has done, and drops it when its server fails', async () => {
    onChannel = (channel) => channel.send(Uint8Array.of(1))
    const served = await alice.dial(bobsAddress(), TALK)
    expect(await served.receive()).toEqual(Uint8Array.of(1))
    expect(await served.receive()).toBeUndefined()
    await served.close()

    onChannel = () => Promise.reject(new Error('broken'))
    const failed = await alice.dial(bobsAddress(), TALK)
    await expect(failed.receive()).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
  })

  it('gives a peer who is not allowed nothing', async () => {
    await bob.serve('/muniment/private/1', (channel) => channel.send(Uint8Array.of(1)), {
      allow: (peer) => peer !== alice.peerId,
    })
    const channel = await alice.dial(bobsAddress(), '/muniment/private/1')

    await expect(channel.receive()).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
  })

  it('passes 64 MB to a slow reader with nothing lost and the sender held back', async () => {
    const { ends, stop } = await openPair()
    const [sender, reader] = ends
    const message = random(256 * 1024)
    let sent = 0
    const sending = (async () => {
      for (; sent < 256; sent++) await sender.send(message)
      await sender.close()
    })()
    let received = 0
    let lead = 0
    for (let next = await reader.receive(); next; next = await reader.receive()) {
      received++
      lead = Math.max(lead, sent - received)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await sending
    await stop()

    expect(received).toBe(256)
    expect(lead).toBeLessThan(32)
  })
})
