import type { RecordDraft } from '@muniment/interface'
import type { CanonicalValue } from '@muniment/crypto'

/** What makes two drafts the same item of two files. */
export interface Fingerprint {
  /** Names the way it is computed, e.g. `content/1`: fingerprints of different versions are never compared. */
  readonly version: string
  /** What is equal for the same item; it is encoded canonically and hashed. */
  of(draft: RecordDraft): CanonicalValue
}

/** The whole content but the place in the file: collection, title, time and all fields. */
export const contentFingerprint: Fingerprint = {
  version: 'content/1',
  of: ({ collection, title, time, fields }) => ({ collection, title, time, fields }),
}
