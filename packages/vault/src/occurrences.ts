import type { Cryptography, RecordDraft } from '@muniment/interface'
import { concat, toCanonical, utf8 } from '@muniment/crypto'
import type { Catalogue } from './catalogue.ts'
import type { Fingerprint } from './fingerprint.ts'
import { type SegmentRow, TABLES } from './rows.ts'
import type { Segments } from './segments.ts'
import type { Tables } from './tables.ts'

/** Bytes of a fingerprint's hash: 128 bits, so that nobody finds two items that look the same. */
const HASH_LENGTH = 16

/** Counts items while a file is read: the same item three times in one file is three records, the file again is none. */
export interface Occurrences {
  /** Notes one more of this item in the file; true when the vault does not have that many yet. */
  isNew(draft: RecordDraft): Promise<boolean>
}

/** What counting needs. */
export interface OccurrenceComponents {
  readonly cryptography: Cryptography
  readonly catalogue: Catalogue
  readonly segments: Segments
  readonly tables: Tables
}

/** Starts counting for one file, against the records in sight. Each collection is looked through when it first appears. */
export function countOccurrences(components: OccurrenceComponents, fingerprint: Fingerprint): Occurrences {
  const { cryptography, catalogue } = components
  const collections = new Set<string>()
  const held = new Map<string, number>()

  async function lookThrough(collection: string): Promise<void> {
    collections.add(collection)
    for (const row of catalogue.segmentsInSight(collection)) {
      const hashes = await segmentHashes(components, fingerprint, row)
      for (let at = 0; at < hashes.length; at += HASH_LENGTH) {
        const name = nameOf(hashes.subarray(at, at + HASH_LENGTH))
        held.set(name, (held.get(name) ?? 0) + 1)
      }
    }
  }

  return {
    async isNew(draft) {
      if (!collections.has(draft.collection)) await lookThrough(draft.collection)
      const name = nameOf(hashOf(cryptography, fingerprint, draft))
      const left = held.get(name) ?? 0
      if (left === 0) return true
      held.set(name, left - 1)
      return false
    },
  }
}

/** The fingerprints of a segment: remembered in the tables, so that a later import need not read the segment. */
async function segmentHashes(
  { catalogue, cryptography, segments, tables }: OccurrenceComponents,
  fingerprint: Fingerprint,
  row: SegmentRow,
): Promise<Uint8Array> {
  const version = cryptography.sha256(utf8(fingerprint.version)).subarray(0, HASH_LENGTH)
  const known = await tables.get(TABLES.fingerprints, row.id)
  if (known && nameOf(known.subarray(0, HASH_LENGTH)) === nameOf(version)) return known.subarray(HASH_LENGTH)
  const drafts = await segments.drafts(row)
  const hashes = concat(...drafts.map((draft) => hashOf(cryptography, fingerprint, draft)))
  // It may have been taken back while it was read.
  if (catalogue.segments.has(row.id))
    tables.put([{ table: TABLES.fingerprints, key: row.id, value: concat(version, hashes) }])
  return hashes
}

function hashOf(cryptography: Cryptography, fingerprint: Fingerprint, draft: RecordDraft): Uint8Array {
  return cryptography.sha256(toCanonical(fingerprint.of(draft))).subarray(0, HASH_LENGTH)
}

function nameOf(hash: Uint8Array): string {
  return String.fromCharCode(...hash)
}
