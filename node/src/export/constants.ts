/** The name and version of the archive's layout, as its manifest tells them. */
export const EXPORT_FORMAT = 'muniment-export'

/** See {@link EXPORT_FORMAT}. */
export const EXPORT_VERSION = 1

/**
 * Bytes of one file of lines at the most: a part is held in memory whole, because a tar names a file's length before
 * its bytes. A single longer line has a part to itself.
 */
export const PART_LENGTH: number = 8 << 20

/** Characters of an archive's passphrase at the least: who has the file can try passphrases without anybody noticing. */
export const MIN_PASSPHRASE_LENGTH = 8

/** Keys that may open one archive: each makes the header longer by some hundred bytes. */
export const MAX_RECIPIENTS = 20
