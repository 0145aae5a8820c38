/** The version of the layout of a store's folder and rows. */
export const STORE_FORMAT = 1

/** The file that says what a folder is and in which version. */
export const FORMAT_FILE = 'muniment-store'

/** The folder of the Level database inside a store's folder. */
export const LEVEL_FOLDER = 'level'

/** What the files looked like when the store was last closed in order. */
export const CLOSED_FILE = 'closed'

/** A file of no meaning, removed when the disk is full so that what was begun can be brought to an end. */
export const RESERVE_FILE = 'reserve'

/** Bytes that Level gathers in memory and in its log before it writes a table. */
export const WRITE_BUFFER_BYTES: number = 4 << 20

/** Bytes of the reserve: recovering a log needs one table as long as the write buffer, and some room for a manifest. */
export const RESERVE_BYTES: number = WRITE_BUFFER_BYTES + (2 << 20)

/** A file that asks for the store to be mended at the next opening: rows were met that do not open. */
export const MEND_FILE = 'mend'

/** Where what can be saved of a damaged database is gathered, and where it lies once it is whole. */
export const SALVAGING_FOLDER = 'level.salvaging'

/** See {@link SALVAGING_FOLDER}. */
export const SALVAGED_FOLDER = 'level.salvaged'

/** Bytes written at once into the database that is made of what could be saved. */
export const SALVAGE_BATCH_BYTES: number = 4 << 20

/** The store's own table: its version once more, sealed, which also tells a wrong key. */
export const OWN_TABLE = 'muniment/store'

/** The row of {@link OWN_TABLE} with the version. */
export const FORMAT_ROW = 'format'

/**
 * Bytes that have to be free before a full disk counts as having room again: the reserve, and twice the write buffer,
 * because a compaction writes new tables before it drops the old ones.
 */
export const ROOM_TO_WORK: number = RESERVE_BYTES + 2 * WRITE_BUFFER_BYTES

/** Milliseconds between looks whether a full disk has room again. */
export const LOOK_FOR_ROOM = 5_000

/** Where each write leaves its mark, so that after a failure one can tell whether it took effect. No row lies here. */
export const MARK_KEY: Uint8Array = Uint8Array.of(0)

/** Bytes of a mark. */
export const MARK_LENGTH = 16
