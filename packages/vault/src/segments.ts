import { type Compression, MunimentError, type RecordDraft } from '@muniment/interface'
import type { Log } from '@muniment/log'
import { OPEN_SEGMENTS } from './constants.ts'
import { lru } from './lru.ts'
import type { BaseRecord } from './record.ts'
import type { SegmentRow } from './rows.ts'
import { type Origin, parseSegment, segmentDrafts } from './segment.ts'

/** The rows of segments, read from the log when asked for. */
export interface Segments {
  /**
   * The drafts of a segment in their order. Empty when its key was erased or its rows are not what a device writes.
   */
  drafts(row: SegmentRow): Promise<readonly RecordDraft[]>
  /** Forgets what was decoded. */
  closeAll(): void
}

/** The segments of a log. */
export function openSegments(components: { readonly log: Log; readonly compression: Compression }): Segments {
  const { log, compression } = components
  const recent = lru<Promise<readonly RecordDraft[]>>(OPEN_SEGMENTS)

  /** Nothing when the disk lost the entry: it may come back. */
  async function read({ device, seq, id }: SegmentRow): Promise<readonly RecordDraft[] | undefined> {
    for await (const entry of log.entries(device, { from: seq, to: seq })) {
      if (!entry.body) return []
      try {
        const segment = parseSegment(entry.body)
        return segment.id === id ? segmentDrafts(compression, segment) : []
      } catch (error) {
        if (error instanceof MunimentError) return []
        throw error
      }
    }
    return undefined
  }

  return {
    drafts(row) {
      const known = recent.get(row.id)
      if (known) return known
      const reading = read(row).then((drafts) => {
        if (!drafts) recent.delete(row.id)
        return drafts ?? []
      })
      recent.set(row.id, reading)
      reading.catch(() => recent.delete(row.id))
      return reading
    },
    closeAll: () => recent.clear(),
  }
}

/** The provenance of a record of an import: what all have in common, and its own place in the file. */
export function baseOf(draft: RecordDraft, origin: Origin): BaseRecord {
  const { place } = draft
  return { draft, provenance: place === undefined ? origin : { ...origin, place } }
}
