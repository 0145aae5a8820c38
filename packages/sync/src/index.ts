/**
 * Replication of a vault's logs between two of its devices, over any channel: membership proved both ways, what is missing
 * sent and acknowledged once durable, then what is new as it comes. It reads signatures, never contents.
 *
 * @example
 * ```ts
 * import { SYNC_PROTOCOL, syncWith } from '@muniment/sync'
 *
 * network.serve(SYNC_PROTOCOL, (channel) => syncWith(channel, { log, roster, keyring, cryptography, random, clock, signer }))
 * ```
 * @packageDocumentation
 */
export type {
  SyncComponents,
  SyncInit,
  SyncKeyring,
  SyncLog,
  SyncProgress,
  SyncRoster,
} from './components.ts'
export {
  GREETING_TIMEOUT,
  KEEPALIVE_INTERVAL,
  MAX_SYNC_MESSAGE,
  MAX_WINDOW_BYTES,
  SYNC_PROTOCOL,
} from './constants.ts'
export type { SpokenKeyring } from './messages.ts'
export { syncWith } from './sync-with.ts'
