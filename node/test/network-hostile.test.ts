import { createConnection, createServer, type Socket } from 'node:net'
import type { Stream } from '@libp2p/interface'
import type { Channel } from '@muniment/interface'
import { createNetwork, IDLE_TIMEOUT, MESSAGE_TIMEOUT, type Network } from 'muniment/network'
import { nodeClock as clock, nodeRandom as random } from 'muniment/platform'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Deferred, deferred } from './support/deferred.ts'
import { type RawPeer, rawPeer } from './support/raw-peer.ts'
import { type TestingClock, unsafeTestingClock } from './support/testing-clock.ts'

const LOOPBACK = ['/ip4/127.0.0.1/tcp/0']
const TALK = '/muniment/test/1'
const FENCE = '/muniment/test-fence/1'
const SILENT_SOCKETS = 100
const FLOOD = 64 << 20
const HELD_AT_MOST = 6 << 20

describe('Bob, whose peer is hostile', () => {
  let time: TestingClock
  let bob: Network
  let mallory: RawPeer
  let accepted: Deferred<Channel>
  let fenceAtBob: Deferred<Channel>
  let testOver: Deferred<void>

  beforeEach(async () => {
    time = unsafeTestingClock()
    ;[accepted, fenceAtBob, testOver] = [deferred(), deferred(), deferred()]
    mallory = await rawPeer()
    bob = await createNetwork({ transportKey: random(32), listen: LOOPBACK, clock: time })
    await bob.serve(TALK, (channel) => {
      accepted.resolve(channel)
      return testOver.promise
    })
    await bob.serve(FENCE, (channel) => {
      fenceAtBob.resolve(channel)
      return testOver.promise
    })
  })
  afterEach(async () => {
    testOver.resolve()
    await Promise.all([bob.stop(), mallory.stop()])
  })

  /** Streams of one connection are delivered in order: when this resolves, Bob has all that was sent before. */
  async function fence(): Promise<() => Promise<void>> {
    const stream = await mallory.open(address(bob), FENCE)
    const channel = await fenceAtBob.promise
    return async () => {
      stream.send(Uint8Array.of(0, 0, 0, 0))
      await channel.receive()
    }
  }

  async function openTalk(): Promise<{ stream: Stream; channel: Channel }> {
    const stream = await mallory.open(address(bob), TALK)
    return { stream, channel: await accepted.promise }
  }

  it('refuses an announced message of 4 GB before any of it is there', async () => {
    const { stream, channel } = await openTalk()
    stream.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff))

    await expect(channel.receive()).rejects.toMatchObject({ code: 'ERR_TOO_LARGE' })
    await mallory.dropped(stream)
  })

  it('refuses random bytes in place of messages', async () => {
    const { stream, channel } = await openTalk()
    stream.send(Uint8Array.from({ length: 4096 }, (_, index) => (index * 197 + 131) % 256))

    await expect(channel.receive()).rejects.toMatchObject({ code: 'ERR_TOO_LARGE' })
    await mallory.dropped(stream)
  })

  it('gives up a peer who stays silent', async () => {
    const { stream, channel } = await openTalk()
    const received = channel.receive()
    time.advance(IDLE_TIMEOUT)

    await expect(received).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
    await mallory.dropped(stream)
  })

  it('gives up a peer who drips a message byte by byte', async () => {
    const passFence = await fence()
    const { stream, channel } = await openTalk()
    const received = channel.receive()
    const outcome = received.then(
      () => 'received',
      (error: unknown) => Reflect.get(Object(error), 'message'),
    )
    stream.send(Uint8Array.of(0, 0, 1, 0))
    for (let byte = 0; byte < 10; byte++) {
      stream.send(Uint8Array.of(7))
      await passFence()
      time.advance(MESSAGE_TIMEOUT / 10)
      if (byte < 9) expect(stream.status).toBe('open')
    }

    expect(await outcome).toMatch(/began a message/)
  })

  it('does not take a line that broke between two messages for an end', async () => {
    const { stream, channel } = await openTalk()
    stream.send(Uint8Array.of(0, 0, 0, 1, 42))
    expect(await channel.receive()).toEqual(Uint8Array.of(42))
    const received = channel.receive()
    stream.abort(new Error('the cable was cut'))

    await expect(received).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
  })

  it('does not take a message that its sender cut for an end', async () => {
    const { stream, channel } = await openTalk()
    stream.send(Uint8Array.of(0, 0, 0, 9, 42))
    await stream.close()

    await expect(channel.receive()).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
  })

  it('lets one peer have four channels of a kind and drops the fifth', async () => {
    const streams = await Promise.all(Array.from({ length: 4 }, () => mallory.open(address(bob), TALK)))
    const fifth = await mallory.open(address(bob), TALK).catch(() => undefined)
    if (fifth) await mallory.dropped(fifth)

    expect(streams.map(({ status }) => status)).toEqual(['open', 'open', 'open', 'open'])
  })

  it('holds little of a flood that he does not read, and reads on where he stopped', async () => {
    const passFence = await fence()
    const { stream, channel } = await openTalk()
    const message = new Uint8Array(4 + 60_000)
    new DataView(message.buffer).setUint32(0, 60_000)
    for (let sent = 0; sent < FLOOD; sent += message.length) stream.send(message)
    for (let round = 0; round < 50; round++) await passFence()

    expect(FLOOD - stream.writeBufferLength).toBeLessThan(HELD_AT_MOST)
    for (let index = 0; index < 200; index++) expect((await channel.receive())?.length).toBe(60_000)
    expect(stream.status).toBe('open')
  })
})

describe('Bob, at whose door many sockets stand that never say a word', () => {
  it('answers an honest dial within a second', async () => {
    const { alice, bob } = await aliceAndBob()
    await sockets(bob, SILENT_SOCKETS)
    const begun = performance.now()
    const channel = await alice.dial(address(bob), TALK)

    expect(await channel.receive()).toEqual(Uint8Array.of(1))
    expect(performance.now() - begun).toBeLessThan(1000)
  })

  it('does not mind sockets that send rubbish in place of a handshake', async () => {
    const { alice, bob } = await aliceAndBob()
    for (const socket of await sockets(bob, 10)) socket.write(random(1 << 16))
    const channel = await alice.dial(address(bob), TALK)

    expect(await channel.receive()).toEqual(Uint8Array.of(1))
  })
})

describe('Alice, who dials a listener that never answers', () => {
  it('can give up', async () => {
    const alice = await network([])
    const bob = await network([])
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.close()
    })
    const where = server.address()
    const port = typeof where === 'object' ? where?.port : undefined
    const patience = new AbortController()
    server.once('connection', () => patience.abort())
    const dialled = alice.dial(`/ip4/127.0.0.1/tcp/${port}/p2p/${bob.peerId}`, TALK, {
      signal: patience.signal,
    })

    await expect(dialled).rejects.toMatchObject({ code: 'ERR_ABORTED' })
  })
})

function address(network: Network): string {
  return network.addresses()[0] ?? ''
}

async function network(listen: readonly string[]): Promise<Network> {
  const made = await createNetwork({ transportKey: random(32), listen, clock })
  onTestFinished(() => made.stop())
  return made
}

async function aliceAndBob(): Promise<{ alice: Network; bob: Network }> {
  const [alice, bob] = [await network([]), await network(LOOPBACK)]
  await bob.serve(TALK, (channel) => channel.send(Uint8Array.of(1)))
  return { alice, bob }
}

async function sockets(to: Network, count: number): Promise<Socket[]> {
  const port = Number(/tcp\/(\d+)/.exec(address(to))?.[1])
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = createConnection({ port, host: '127.0.0.1' })
      socket.on('error', () => undefined)
      onTestFinished(() => {
        socket.destroy()
      })
      await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
      return socket
    }),
  )
}
