import { MAX_BODY_LENGTH } from '@muniment/log'

/** Records of one segment, and of one shard, at the most: what is loaded together stays small enough to open in milliseconds. */
export const MAX_SHARD_RECORDS = 2000

/** Bytes of one edit's or typed record's values: what fits into one log entry with its names around it. */
export const MAX_EDIT_LENGTH: number = MAX_BODY_LENGTH - 1024

/** Slots that one device may fill in one shard: 2,000 records with 20 edited fields each. It bounds a member's flood. */
export const MAX_SLOTS_PER_DEVICE = 40_000

/** Slots that one update may write: an edit touches a few fields of one record; a long list of settings, some hundreds. */
export const MAX_WRITES_PER_UPDATE = 512

/** Writes that one write may name as seen: the fields of a record times the devices that wrote them. */
export const MAX_SEEN = 4096

/** Characters of a field's or setting's name. */
export const MAX_NAME_LENGTH = 256

/** Characters of a title: one line that a person recognises a record by. */
export const MAX_TITLE_LENGTH = 1000

/** Nesting of a field's value; the canonical encoding stops at 32 with its envelope. */
export const MAX_FIELD_DEPTH = 16

/** Bytes of a segment's rows when inflated: 2,000 records of 8 KiB. A bomb stops here. */
export const MAX_INFLATED_ROWS: number = 16 * 1024 * 1024

/** Decoded segments that stay in memory: about 1 MB each. */
export const OPEN_SEGMENTS = 12

/**
 * Shards that stay open: two Yjs documents each. As many as there are open segments, or edits of the newest records of
 * some accounts would open shards again and again.
 */
export const OPEN_SHARDS: number = OPEN_SEGMENTS

/** Updates kept beside a shard's snapshot before a new snapshot replaces them. */
export const UPDATES_PER_SNAPSHOT = 128

/** Segments of an import that are sealed and appended together: one call of the keyring and of the log for each group. */
export const SEGMENTS_PER_APPEND = 8

/** Rows that wait to be written before the intake of log entries pauses for the disk. */
export const MAX_PENDING_ROWS = 512

/** Milliseconds that changes of the tables wait for more. Nothing is lost with them: the log has it all. */
export const FLUSH_DELAY = 200

/** Refused entries that are listed; the oldest give way. The entries themselves stay in the log. */
export const MAX_QUARANTINE = 1000

/** Hits of a search in titles, when the caller names no limit. */
export const DEFAULT_SEARCH_LIMIT = 50

/** Layout of the vault's tables. A store with another number has them rebuilt from the log. */
export const TABLES_VERSION = 1

/** Segments of one import at the most, as an erasure counts them: some hundred million records. */
export const MAX_IMPORT_SEGMENTS = 65_536

/** Erasures that one entry says are done. */
export const MAX_DONE_PER_ENTRY = 500
