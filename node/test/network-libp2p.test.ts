import { channelCompliance } from '@muniment/compliance'
import { createNetwork, MAX_MESSAGE, type Network } from 'muniment/network'
import { nodeRandom } from 'muniment/platform'
import { afterEach, expect, it } from 'vitest'
import type { Channel } from '@muniment/interface'

const LOOPBACK = ['/ip4/127.0.0.1/tcp/0']
const networks: Network[] = []

async function start(listen: readonly string[] = LOOPBACK): Promise<Network> {
  const network = await createNetwork({ transportKey: nodeRandom(32), listen })
  networks.push(network)
  return network
}

afterEach(async () => {
  await Promise.all(networks.splice(0).map((network) => network.stop()))
})

async function pair(): Promise<[Channel, Channel]> {
  const [server, client] = [await start(), await start([])]
  const served = new Promise<Channel>((resolve) => {
    void server.serve('/test/1', (channel) => {
      resolve(channel)
      return new Promise(() => {})
    })
  })
  const dialled = await client.dial(server.addresses()[0] ?? '', '/test/1')
  return [dialled, await served]
}

channelCompliance('libp2p on loopback', async () => ({ ends: await pair(), limit: MAX_MESSAGE }))

it('knows the peer at the other end by its key', async () => {
  const [dialled, served] = await pair()
  expect(dialled.remote).toBe(served.local)
  expect(served.remote).toBe(dialled.local)
})

it('says that nobody is there', async () => {
  const [gone, client] = [await start(), await start([])]
  const address = gone.addresses()[0] ?? ''
  await gone.stop()
  await expect(client.dial(address, '/test/1')).rejects.toMatchObject({ code: 'ERR_UNREACHABLE' })
})

it('says that somebody else is there: the address names the peer', async () => {
  const [server, other, client] = [await start(), await start(), await start([])]
  const address = (server.addresses()[0] ?? '').replace(/p2p\/.*$/u, `p2p/${other.peerId}`)
  await expect(client.dial(address, '/test/1')).rejects.toMatchObject({ code: 'ERR_UNREACHABLE' })
})

it('does not open a protocol that the other end does not answer', async () => {
  const [server, client] = [await start(), await start([])]
  await expect(client.dial(server.addresses()[0] ?? '', '/none/1')).rejects.toMatchObject({
    code: 'ERR_PROTOCOL',
  })
})

it('drops a peer that is not allowed', async () => {
  const [server, client] = [await start(), await start([])]
  await server.serve('/test/1', async () => {}, { allow: () => false })
  const channel = await client.dial(server.addresses()[0] ?? '', '/test/1')
  await expect(channel.receive()).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
})

it('passes 64 MB through a slow reader, with nothing lost and the sender held back', async () => {
  const [dialled, served] = await pair()
  const message = nodeRandom(256 * 1024)
  let sent = 0
  let received = 0
  let lead = 0
  const sending = (async () => {
    for (; sent < 256; sent++) await dialled.send(message)
    await dialled.close()
  })()
  for (let next = await served.receive(); next; next = await served.receive()) {
    received++
    lead = Math.max(lead, sent - received)
    expect(next.length).toBe(message.length)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await sending
  expect(received).toBe(256)
  expect(lead).toBeLessThan(64)
})
