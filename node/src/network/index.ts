/**
 * Channels to other devices: over libp2p, or in memory for tests.
 *
 * @example
 * ```ts
 * import { memoryChannelPair } from 'muniment/network'
 *
 * const [alice, bob] = memoryChannelPair()
 * await alice.send(Uint8Array.of(1))
 * await bob.receive() // Uint8Array [1]
 * ```
 * @packageDocumentation
 */
export { IDLE_TIMEOUT, MAX_MESSAGE, MESSAGE_TIMEOUT, SEND_TIMEOUT } from './constants.ts'
export { memoryChannelPair, type MemoryChannelInit } from './memory-channel.ts'
