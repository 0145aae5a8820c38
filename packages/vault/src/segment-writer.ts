import {
  type Compression,
  type Cryptography,
  type DataKeys,
  type KeyId,
  MunimentError,
  type RecordDraft,
} from '@muniment/interface'
import { type EntryDraft, type Log, MAX_BODY_LENGTH } from '@muniment/log'
import { MAX_SHARD_RECORDS, SEGMENTS_PER_APPEND } from './constants.ts'
import { encodeSegment, type Origin } from './segment.ts'
import { segmentIdOf } from './segment-name.ts'

/** Part of the largest body that a segment aims at, so that few come out too large and have to be split. */
const AIM = 0.9 * MAX_BODY_LENGTH

/** Collects drafts into segments and appends them to the log, some at a time. */
export interface SegmentWriter {
  add(draft: RecordDraft): Promise<void>
  /** Appends what is left. */
  finish(): Promise<void>
  /** True once segments are in the log. */
  readonly hasWritten: boolean
}

/** What writing segments needs. */
export interface SegmentWriterComponents {
  readonly compression: Compression
  readonly cryptography: Cryptography
  readonly dataKeys: DataKeys
  readonly log: Log
}

/** The import that segments are written for. */
export interface SegmentWriterInit {
  readonly nonce: Uint8Array
  readonly origin: Origin
}

/** A writer of one import's segments, each sealed under a data key of its own. */
export function segmentWriter(components: SegmentWriterComponents, init: SegmentWriterInit): SegmentWriter {
  const open = new Map<string, RecordDraft[]>()
  const encoder = segmentEncoder(components, init)
  let bodies: Uint8Array[] = []
  let hasWritten = false

  async function append(): Promise<void> {
    const group = bodies
    bodies = []
    if (group.length === 0) return
    const keys = await components.dataKeys.create(group.length)
    hasWritten = true
    await components.log.append(group.map((body, at) => draftOf(body, keys[at])))
  }

  return {
    async add(draft) {
      const drafts = open.get(draft.collection) ?? []
      drafts.push(draft)
      open.set(draft.collection, drafts)
      if (drafts.length < encoder.target) return
      open.set(draft.collection, [])
      bodies.push(...encoder.encode(draft.collection, drafts))
      if (bodies.length >= SEGMENTS_PER_APPEND) await append()
    },
    async finish() {
      for (const [collection, drafts] of open) {
        if (drafts.length > 0) bodies.push(...encoder.encode(collection, drafts))
      }
      open.clear()
      await append()
    },
    get hasWritten() {
      return hasWritten
    },
  }
}

function draftOf(body: Uint8Array, key: KeyId | undefined): EntryDraft {
  return key === undefined ? { kind: 'segment', body } : { kind: 'segment', body, key }
}

/** Turns drafts into bodies that fit, and learns how many records do. */
interface SegmentEncoder {
  /** Records that the next segment should hold. */
  readonly target: number
  encode(collection: string, drafts: readonly RecordDraft[]): Uint8Array[]
}

function segmentEncoder(
  { compression, cryptography }: SegmentWriterComponents,
  { nonce, origin }: SegmentWriterInit,
): SegmentEncoder {
  let number = 0
  let target = MAX_SHARD_RECORDS

  function encode(collection: string, drafts: readonly RecordDraft[]): Uint8Array[] {
    const id = segmentIdOf(cryptography, origin.importId, number)
    const body = encodeSegment(compression, { id, nonce, number, collection, origin }, drafts)
    target = Math.min(MAX_SHARD_RECORDS, Math.max(1, Math.floor((drafts.length * AIM) / body.length)))
    if (body.length <= MAX_BODY_LENGTH) {
      number++
      return [body]
    }
    if (drafts.length === 1) {
      throw new MunimentError('ERR_TOO_LARGE', `a record has at most ${MAX_BODY_LENGTH} bytes when deflated`)
    }
    const middle = Math.ceil(drafts.length / 2)
    return [...encode(collection, drafts.slice(0, middle)), ...encode(collection, drafts.slice(middle))]
  }

  return {
    get target() {
      return target
    },
    encode,
  }
}
