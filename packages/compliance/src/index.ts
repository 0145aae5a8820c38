/**
 * One test suite per port. An adapter's own test is a few lines that run the suite on it; only tests import this. And
 * the seeds of random tests, as many as the lane says.
 *
 * @example
 * ```ts
 * import { storeCompliance } from '@muniment/compliance'
 * import { openMemoryStore } from 'muniment/store'
 * import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
 *
 * storeCompliance('a store in memory', () => openMemoryStore({ key: random(32), cryptography, random }))
 * ```
 * @packageDocumentation
 */
export { type ChannelPair, channelCompliance } from './channel-compliance.ts'
export { eachSeed, patience } from './each-seed.ts'
export { keyringFileCompliance } from './keyring-file-compliance.ts'
export { replicaCompliance, type ReplicaUnderTest } from './replica-compliance.ts'
export { signerCompliance, type SignerUnderTest } from './signer-compliance.ts'
export { storeCompliance } from './store-compliance.ts'
