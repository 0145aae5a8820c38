import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { replicaCompliance } from '@muniment/compliance'
import { type CanonicalValue, toCanonical } from '@muniment/crypto'
import {
  type Channel,
  MAX_REPLICA_OBJECT,
  REPLICA_OBJECT_SIZES,
  type ReplicaStorage,
} from '@muniment/interface'
import { createNetwork, memoryChannelPair } from 'muniment/network'
import { nodeClock, nodeCryptography, nodeRandom } from 'muniment/platform'
import {
  capabilityLink,
  openPeerReplica,
  openReplicaHost,
  type PeerCapability,
  readCapabilityLink,
  REPLICA_PROTOCOL,
  type ReplicaHost,
} from 'muniment/replicas'
import { expect, it, onTestFinished } from 'vitest'
import { parseHello, proofOf } from '../src/replica/replica-protocol.ts'
import { heldBytes } from './support/held-bytes.ts'
import { startHost, type TestingHost } from './support/replica-host.ts'
import { temporaryFolder } from './support/temporary-folder.ts'
import { type TestingClock, unsafeTestingClock } from './support/testing-clock.ts'

const [SMALL] = REPLICA_OBJECT_SIZES
const NAMES = Array.from({ length: 9 }, (_, digit) => String(digit).repeat(64))
const [NAME = '', OTHER = '', THIRD = ''] = NAMES
const OBJECT = new Uint8Array(SMALL).fill(7)
const PARTS = { cryptography: nodeCryptography, random: nodeRandom, clock: nodeClock }

replicaCompliance('A host of replicas, over libp2p', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'muniment-host-'))
  const server = await startHost(folder)
  const capability = await server.link()
  const again = () => openPeerReplica({ capability })
  const stop = async (): Promise<void> => {
    await server.stop()
    await rm(folder, { recursive: true })
  }
  return { storage: await again(), again, stop }
})

async function host(folder?: string): Promise<TestingHost> {
  const server = await startHost(folder ?? (await temporaryFolder()))
  onTestFinished(() => server.stop())
  return server
}

async function guest(capability: string | PeerCapability): Promise<ReplicaStorage> {
  const storage = await openPeerReplica({ capability })
  onTestFinished(() => storage.close())
  return storage
}

it('a grant takes the bytes it allows and no more, also after the host was started again', async () => {
  const folder = await temporaryFolder()
  const first = await host(folder)
  const capability = await first.link(2 * SMALL)
  const ana = await guest(capability)
  await ana.put(NAME, OBJECT)
  await ana.put(OTHER, OBJECT)
  await expect(ana.put(THIRD, OBJECT)).rejects.toMatchObject({ code: 'ERR_REPLICA_FULL' })
  await ana.put(OTHER, OBJECT)
  expect(first.host.grants()).toMatchObject([{ quota: 2 * SMALL, used: 2 * SMALL }])
  await first.stop()

  const second = await host(folder)
  expect(second.host.grants()).toMatchObject([{ quota: 2 * SMALL, used: 2 * SMALL }])
  const later = await guest({ ...readCapabilityLink(capability), addresses: second.network.addresses() })
  await expect(later.put(THIRD, OBJECT)).rejects.toMatchObject({ code: 'ERR_REPLICA_FULL' })
  await later.delete(NAME)
  await later.put(THIRD, OBJECT)
  expect((await Array.fromAsync(later.list(''))).map(({ name }) => name)).toEqual([OTHER, THIRD])
})

it('many uploads at the same time by several devices never exceed a grant', async () => {
  const server = await host()
  const capability = await server.link(3 * SMALL)
  const devices = await Promise.all(NAMES.map(() => guest(capability)))
  const done = await Promise.allSettled(
    devices.map((device, index) => device.put(NAMES[index] ?? '', OBJECT)),
  )

  expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  expect(server.host.grants()).toMatchObject([{ used: 3 * SMALL }])
  const [device] = devices
  expect(await Array.fromAsync(device?.list('') ?? [])).toHaveLength(3)
})

it('two vaults at one host see nothing of each other, and a grant that is taken back opens nothing', async () => {
  const folder = await temporaryFolder()
  const server = await host(folder)
  const [ana, bob] = [await guest(await server.link()), await guest(await server.link())]
  await ana.put(NAME, OBJECT)
  await bob.put(OTHER, OBJECT)
  expect(await bob.get(NAME)).toBeUndefined()
  expect((await Array.fromAsync(bob.list(''))).map(({ name }) => name)).toEqual([OTHER])

  const [hers] = server.host.grants()
  await server.host.revoke(hers?.id ?? '')
  await expect(ana.get(NAME)).rejects.toMatchObject({ code: 'ERR_REPLICA_REFUSED' })
  expect(await bob.get(OTHER)).toEqual(OBJECT)
  expect(await readdir(folder)).toHaveLength(1)
  await expect(server.host.revoke(hers?.id ?? '')).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
})

it('who has not the key of a grant is let in nowhere, and no error tells the key', async () => {
  const server = await host()
  const right = readCapabilityLink(await server.link())
  for (const wrong of [
    { ...right, key: nodeRandom(32) },
    { ...right, id: nodeRandom(16) },
  ]) {
    const storage = await guest(wrong)
    const error: unknown = await storage.get(NAME).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_REPLICA_REFUSED' })
    expect(inspect(error, { depth: 9 })).not.toContain(Buffer.from(wrong.key).toString('hex'))
  }
})

it('a host sees each device of a vault under an identity that it never saw, and the key is never sent', async () => {
  const server = await host()
  const capability = readCapabilityLink(await server.link())
  const identities = new Set<string>()
  const sent: Uint8Array[] = []
  const addresses = await spyingHost(async (channel) => {
    identities.add(channel.remote)
    await server.host.serve({
      ...channel,
      async receive(options) {
        const message = await channel.receive(options)
        if (message) sent.push(message)
        return message
      },
    })
  })
  for (const name of [NAME, OTHER]) {
    const storage = await openPeerReplica({ capability: { ...capability, addresses } })
    await storage.put(name, OBJECT)
    await storage.close()
  }

  expect(identities.size).toBe(2)
  expect(sent.length).toBeGreaterThan(4)
  expect(Buffer.concat(sent).indexOf(capability.key)).toBe(-1)
})

async function spyingHost(serve: (channel: Channel) => Promise<void>): Promise<readonly string[]> {
  const network = await createNetwork({
    transportKey: nodeRandom(32),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    clock: nodeClock,
  })
  onTestFinished(() => network.stop())
  await network.serve(REPLICA_PROTOCOL, serve)
  return network.addresses()
}

it('a link is read as it was written, and what is no link is refused without being shown', () => {
  const capability = { addresses: ['/ip4/192.0.2.1/tcp/1/p2p/x'], id: nodeRandom(16), key: nodeRandom(32) }
  const link = capabilityLink(capability)
  expect(readCapabilityLink(` ${link}\n`)).toEqual(capability)
  for (const wrong of [
    '',
    'https://CANARY.example',
    link.replace('&k=', '&k=CANARY'),
    link.replace(/&a=.*/u, ''),
    `${link}${'&a=CANARY'.repeat(17)}`,
    link.replace(/&g=[^&]*/u, '&g=CANARY'),
  ]) {
    expect(() => readCapabilityLink(wrong)).toThrow(/^this is no link to a replica at a host$/u)
  }
  expect(() => readCapabilityLink(link.replace('v=1', 'v=2'))).toThrow(/newer/u)
})

it('a host that is away is tried later, and one that comes back serves the same opened place', async () => {
  const folder = await temporaryFolder()
  const server = await host(folder)
  const capability = readCapabilityLink(await server.link())
  const away = await guest({
    ...capability,
    addresses: ['/ip4/127.0.0.1/tcp/1/p2p/' + server.network.peerId],
  })
  await expect(away.get(NAME)).rejects.toMatchObject({ code: 'ERR_REPLICA_UNREACHABLE' })

  const ana = await guest(capability)
  await ana.put(NAME, OBJECT)
  await server.host.close()
  expect(await ana.get(NAME)).toEqual(OBJECT)
})

it('guests that read slowly cost a host the memory of their channels, and one too many is told to come later', async () => {
  const opened = await openReplicaHost({ ...PARTS, folder: await temporaryFolder() })
  const { id, key } = await opened.grant({ quota: 1 << 30 })
  const capability = { addresses: ['/x'], id: Buffer.from(id, 'hex'), key }
  const [mine, theirs] = memoryChannelPair()
  const serving = opened.serve(theirs).catch(() => undefined)
  const ana = await openPeerReplica({ capability, dial: async () => mine })
  await ana.put(NAME, new Uint8Array(MAX_REPLICA_OBJECT))
  const before = heldBytes()
  const slow: Channel[] = []
  for (let guest = 0; guest < 15; guest++) {
    const [near, far] = memoryChannelPair()
    slow.push(near)
    void opened.serve(far).catch(() => undefined)
    const { nonce } = parseHello((await near.receive()) ?? new Uint8Array(0))
    const proof = proofOf(nodeCryptography, { key, nonce, host: near.remote, guest: near.local })
    await near.send(toCanonical({ grant: capability.id, proof }))
    await near.receive()
    await near.send(toCanonical({ do: 'get', name: NAME }))
    await near.receive()
  }
  expect(heldBytes() - before).toBeLessThan(25 << 20)
  const [busy, busyHost] = memoryChannelPair()
  const refused = await openPeerReplica({ capability, dial: async () => busy })
  void opened.serve(busyHost)
  await expect(refused.get(NAME)).rejects.toMatchObject({ code: 'ERR_REPLICA_UNREACHABLE' })
  for (const channel of slow) channel.abort(new Error('gone'))
  await ana.close()
  await serving
})

it('what a cut upload left is removed when the host starts, and so is a grant whose removal was cut', async () => {
  const folder = await temporaryFolder()
  const first = await host(folder)
  const ana = await guest(await first.link())
  await ana.put(NAME, OBJECT)
  await first.stop()
  const [grant = ''] = await readdir(folder)
  const part = join(folder, grant, 'objects', NAME.slice(0, 2))
  await writeFile(join(part, `.${OTHER}.0123`), OBJECT)
  await mkdir(join(folder, 'ab'.repeat(16), 'objects'), { recursive: true })
  const second = await host(folder)

  expect(second.host.grants()).toMatchObject([{ used: SMALL }])
  expect(await readdir(part)).toEqual([NAME])
  expect(await readdir(folder)).toEqual([grant])
})

/** A guest's end of a channel whose other end a host serves, with the promise of the host's end of it. */
async function rawGuest(): Promise<{
  readonly channel: Channel
  readonly served: Promise<void>
  readonly clock: TestingClock
  readonly host: ReplicaHost
}> {
  const clock = unsafeTestingClock()
  const opened = await openReplicaHost({
    folder: await temporaryFolder(),
    cryptography: nodeCryptography,
    random: nodeRandom,
    clock,
  })
  const [channel, hostEnd] = memoryChannelPair()
  const served = opened.serve(hostEnd).catch((error: unknown) => {
    hostEnd.abort(new Error('dropped'))
    throw error
  })
  served.catch(() => undefined)
  return { channel, served, clock, host: opened }
}

const STRANGE: readonly Uint8Array[] = [
  new Uint8Array(0),
  nodeRandom(64),
  nodeRandom(1 << 20),
  toCanonical({ grant: nodeRandom(16), proof: nodeRandom(31) }),
  toCanonical({ do: 'get', name: NAME }),
]

it('who sends something else than a proof is dropped', async () => {
  for (const message of STRANGE) {
    const { channel, served } = await rawGuest()
    await channel.receive()
    await channel.send(message)
    await expect(served).rejects.toMatchObject({ code: 'ERR_MALFORMED' })
  }
})

it('who is silent instead of proving a grant is dropped in time', async () => {
  const { channel, served, clock } = await rawGuest()
  await channel.receive()
  clock.advance(10_000)
  await expect(served).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
})

it('who stops in the middle of an upload leaves nothing, and its room is free again', async () => {
  for (const ending of ['gone', 'silent', 'short'] as const) {
    const { channel, served, clock, host: opened } = await rawGuest()
    const { id, key } = await opened.grant({ quota: SMALL })
    const { nonce } = parseHello((await channel.receive()) ?? new Uint8Array(0))
    const proof = proofOf(nodeCryptography, { key, nonce, host: channel.remote, guest: channel.local })
    const say = async (message: CanonicalValue): Promise<void> => {
      await channel.send(toCanonical(message))
      await channel.receive()
    }
    await say({ grant: Buffer.from(id, 'hex'), proof })
    await say({ do: 'put', name: NAME, size: SMALL })
    if (ending === 'gone') channel.abort(new Error('gone'))
    else if (ending === 'silent') clock.advance(60_000)
    else await channel.send(new Uint8Array(1000))
    await expect(served).rejects.toBeInstanceOf(Error)

    const [mine, theirs] = memoryChannelPair()
    const serving = opened.serve(theirs)
    const capability = { addresses: ['/x'], id: Buffer.from(id, 'hex'), key }
    const storage = await openPeerReplica({ capability, dial: async () => mine })
    expect(await storage.get(NAME)).toBeUndefined()
    await storage.put(OTHER, OBJECT)
    expect(opened.grants()).toMatchObject([{ used: SMALL }])
    await storage.close()
    await expect(serving).rejects.toBeInstanceOf(Error)
  }
})

/** A place at a host that says what the test says. */
async function hostileHost(play: (channel: Channel) => Promise<void>): Promise<ReplicaStorage> {
  const capability = { addresses: ['/x'], id: nodeRandom(16), key: nodeRandom(32) }
  return openPeerReplica({
    capability,
    async dial() {
      const [mine, theirs] = memoryChannelPair()
      const greet = async (): Promise<void> => {
        await theirs.send(toCanonical({ v: 1, nonce: nodeRandom(32) }))
        await theirs.receive()
        await theirs.send(toCanonical({ ok: true }))
        await theirs.receive()
        await play(theirs)
      }
      void greet().catch(() => theirs.abort(new Error('gone')))
      return mine
    },
  })
}

it('a host that answers what it must not is found out, and no more than one object is read', async () => {
  const objects = [{ name: OTHER, size: 1 }]
  const plays: readonly ((channel: Channel) => Promise<void>)[] = [
    (channel) => channel.send(toCanonical({ ok: true, size: MAX_REPLICA_OBJECT + 1 })),
    (channel) => channel.send(nodeRandom(1000)),
    async (channel) => {
      await channel.send(toCanonical({ ok: true, size: SMALL }))
      await channel.send(new Uint8Array(SMALL - 1))
    },
    async (channel) => {
      await channel.send(toCanonical({ ok: true, size: MAX_REPLICA_OBJECT }))
      for (;;) await channel.send(new Uint8Array(1 << 20))
    },
  ]
  for (const play of plays) {
    const storage = await hostileHost(play)
    await expect(storage.get(NAME)).rejects.toMatchObject({ code: 'ERR_REPLICA_DAMAGED' })
    await storage.close()
  }
  const listings = [
    { ok: true, objects, isMore: true },
    { ok: true, objects: [], isMore: true },
    { ok: true, objects: [...objects, ...objects], isMore: false },
    { ok: true, objects: [{ name: '../etc', size: 1 }], isMore: false },
    { ok: true },
  ]
  for (const listing of listings) {
    const storage = await hostileHost(async (channel) => {
      await channel.send(toCanonical(listing))
      for (;;) {
        if (!(await channel.receive())) return
        await channel.send(toCanonical(listing))
      }
    })
    await expect(Array.fromAsync(storage.list(''))).rejects.toMatchObject({ code: 'ERR_REPLICA_DAMAGED' })
    await storage.close()
  }
})

it('a call to a host that says nothing is given up by its signal, and the next one works', async () => {
  const server = await host()
  const capability = readCapabilityLink(await server.link())
  let isSilent = true
  const pairs: Channel[] = []
  const storage = await openPeerReplica({
    capability,
    async dial() {
      const [mine, theirs] = memoryChannelPair()
      pairs.push(theirs)
      if (!isSilent) void server.host.serve(theirs).catch(() => undefined)
      return mine
    },
  })
  const giveUp = new AbortController()
  const call = storage.get(NAME, { signal: giveUp.signal })
  await new Promise((resolve) => setImmediate(resolve))
  giveUp.abort()
  await expect(call).rejects.toMatchObject({ code: 'ERR_ABORTED' })
  isSilent = false
  expect(await storage.get(NAME)).toBeUndefined()
  await storage.close()
})
