/**
 * Channels to other devices: over libp2p (TCP, Noise, yamux), or in memory for tests.
 *
 * @example
 * ```ts
 * import { createNetwork } from 'muniment/network'
 * import { nodeClock as clock, nodeRandom } from 'muniment/platform'
 *
 * const bob = await createNetwork({ transportKey: nodeRandom(32), listen: ['/ip4/127.0.0.1/tcp/0'], clock })
 * await bob.serve('/greeting/1', async (channel) => channel.send(Uint8Array.of(1)))
 *
 * const alice = await createNetwork({ transportKey: nodeRandom(32), clock })
 * const channel = await alice.dial(bob.addresses()[0] ?? '', '/greeting/1')
 * await channel.receive() // Uint8Array [1]
 * await Promise.all([alice.stop(), bob.stop()])
 * ```
 * @packageDocumentation
 */
export {
  DIAL_TIMEOUT,
  HANDSHAKE_TIMEOUT,
  IDLE_TIMEOUT,
  MAX_CHANNELS_PER_PEER,
  MAX_MESSAGE,
  MESSAGE_TIMEOUT,
  SEND_TIMEOUT,
} from './constants.ts'
export {
  createNetwork,
  type DialOptions,
  type Network,
  type NetworkInit,
  type ServeOptions,
} from './create-network.ts'
export { memoryChannelPair, type MemoryChannelInit } from './memory-channel.ts'
export { peerIdOf } from './peer-id.ts'
