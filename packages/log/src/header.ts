import { fromCanonical, toCanonical } from '@muniment/crypto'
import {
  type DeviceId,
  type EpochId,
  type KeyId,
  MunimentError,
  type VersionVector,
} from '@muniment/interface'
import * as v from 'valibot'
import { MAX_CLOCK_CHANGES, MAX_HEADER_LENGTH } from './constants.ts'

/** The part of an entry that every roster device reads, with or without keys. */
export interface EntryHeader {
  readonly kind: 'sealed' | 'roster' | 'session'
  readonly seq: number
  readonly epoch: EpochId
  /** The devices of which the writer had seen more than at its entry before, and how far; absent when none. */
  readonly clocks?: VersionVector
  /** The data key; present exactly when the kind is `sealed`. */
  readonly key?: KeyId
  /** Bytes of the payload, also when it is absent. */
  readonly length: number
}

const HASH_TEXT = /^[\w-]{43}$/
const KEY_TEXT = /^[\w-]{22}$/

const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const hashText = v.pipe(v.string(), v.regex(HASH_TEXT))

const headerSchema = v.strictObject({
  kind: v.picklist(['sealed', 'roster', 'session']),
  seq,
  epoch: hashText,
  clocks: v.exactOptional(v.record(hashText, seq)),
  key: v.exactOptional(v.pipe(v.string(), v.regex(KEY_TEXT))),
  length: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
})

/** The header's one encoding. Throws `ERR_INVALID_ARGUMENT` for an epoch or key that is not one. */
export function encodeHeader(header: EntryHeader): Uint8Array {
  if (!HASH_TEXT.test(header.epoch) || (header.key !== undefined && !KEY_TEXT.test(header.key))) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'an entry needs a proper epoch and key id')
  }
  return toCanonical({ ...header })
}

/** Parses a header; throws `ERR_MALFORMED`. */
export function parseHeader(bytes: Uint8Array): EntryHeader {
  if (bytes.length > MAX_HEADER_LENGTH) throw malformed()
  const parsed = v.safeParse(headerSchema, fromCanonical(bytes))
  if (!parsed.success) throw malformed()
  const header = parsed.output
  if ((header.kind === 'sealed') !== (header.key !== undefined)) throw malformed()
  if (Object.keys(header.clocks ?? {}).length > MAX_CLOCK_CHANGES) throw malformed()
  return header
}

/** The clocks after an entry: what was known before, raised by its changes. A clock never goes back. */
export function advanceClocks(before: VersionVector, changes: VersionVector | undefined): VersionVector {
  if (!changes) return before
  const after: Record<DeviceId, number> = { ...before }
  for (const [device, seen] of Object.entries(changes)) after[device] = Math.max(after[device] ?? 0, seen)
  return after
}

function malformed(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'this is not the header of an entry')
}
