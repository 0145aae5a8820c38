/**
 * The signed, sealed, append-only log of each device of a vault: written, verified without content keys, replicated.
 *
 * @example
 * ```ts
 * import { openLog } from '@muniment/log'
 * import { utf8 } from '@muniment/crypto'
 *
 * const log = await openLog({ cryptography, random, store, dataKeys, members, signer }, { vault, epoch: () => epoch })
 * log.knownOffline()
 * const [key] = await dataKeys.create(1)
 * const [address] = await log.append([{ kind: 'settings', body: utf8('{"theme":"dark"}'), key }])
 * for await (const entry of log.entries(log.device)) console.log(entry.seq, entry.kind)
 * ```
 * @packageDocumentation
 */
export {
  MAX_BODY_LENGTH,
  MAX_CLOCK_CHANGES,
  MAX_ENTRIES_BEYOND_CUT,
  MAX_FRAME_ENTRIES,
  MAX_FRAME_LENGTH,
  MAX_RIVAL_FRAMES,
} from './constants.ts'
export type { EntryAddress, EntryDraft, EntryKind, LogEntry, WhyNoBody } from './entry.ts'
export type { Hole, Holes } from './holes.ts'
export type {
  DroppedEntries,
  Log,
  LogComponents,
  LogEvent,
  LogFrame,
  LogHead,
  LogInit,
  Members,
  Quarantined,
  Received,
  ReceiveOutcome,
} from './log.ts'
export { mendLog } from './mend-log.ts'
export { openLog } from './open-log.ts'
export type { ForkProof } from './rows.ts'
