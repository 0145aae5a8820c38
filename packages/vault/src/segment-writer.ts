import {
  type Compression,
  type Cryptography,
  type DataKeys,
  MunimentError,
  type RecordDraft,
} from '@muniment/interface'
import { type Log, MAX_BODY_LENGTH } from '@muniment/log'
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

/** A writer of one import's segments, each sealed under a data key of its own. */
export function segmentWriter(
  components: {
    readonly compression: Compression
    readonly cryptography: Cryptography
    readonly dataKeys: DataKeys
    readonly log: Log
  },
  init: { readonly nonce: Uint8Array; readonly origin: Origin },
): SegmentWriter {
  const { compression, cryptography, dataKeys, log } = components
  const { origin, nonce } = init
  const open = new Map<string, RecordDraft[]>()
  let bodies: Uint8Array[] = []
  let number = 0
  let target = MAX_SHARD_RECORDS
  let hasWritten = false

  function close(collection: string, drafts: readonly RecordDraft[]): void {
    const id = segmentIdOf(cryptography, origin.importId, number)
    const body = encodeSegment(compression, { id, nonce, number, collection, origin }, drafts)
    target = Math.min(MAX_SHARD_RECORDS, Math.max(1, Math.floor((drafts.length * AIM) / body.length)))
    if (body.length <= MAX_BODY_LENGTH) {
      number++
      bodies.push(body)
      return
    }
    if (drafts.length === 1) {
      throw new MunimentError(
        'ERR_TOO_LARGE',
        `a record takes at most ${MAX_BODY_LENGTH} bytes when deflated`,
      )
    }
    const middle = Math.ceil(drafts.length / 2)
    close(collection, drafts.slice(0, middle))
    close(collection, drafts.slice(middle))
  }

  async function append(): Promise<void> {
    const group = bodies
    bodies = []
    if (group.length === 0) return
    const keys = await dataKeys.create(group.length)
    hasWritten = true
    await log.append(
      group.map((body, at) => {
        const key = keys[at]
        return { kind: 'segment' as const, body, ...(key !== undefined && { key }) }
      }),
    )
  }

  return {
    async add(draft) {
      const drafts = open.get(draft.collection) ?? []
      drafts.push(draft)
      open.set(draft.collection, drafts)
      if (drafts.length < target) return
      open.set(draft.collection, [])
      close(draft.collection, drafts)
      if (bodies.length >= SEGMENTS_PER_APPEND) await append()
    },
    async finish() {
      for (const [collection, drafts] of open) if (drafts.length > 0) close(collection, drafts)
      open.clear()
      await append()
    },
    get hasWritten() {
      return hasWritten
    },
  }
}
