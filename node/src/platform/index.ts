/**
 * The ports that this platform fills in: cryptography, randomness, time and compression of Node.js.
 *
 * @example
 * ```ts
 * import { nodeCryptography, nodeRandom } from 'muniment/platform'
 *
 * nodeCryptography.sha256(nodeRandom(32)).length // 32
 * ```
 * @packageDocumentation
 */
export { nodeClock } from './clock.ts'
export { nodeCompression } from './compression.ts'
export { nodeCryptography, nodeRandom } from './cryptography.ts'
