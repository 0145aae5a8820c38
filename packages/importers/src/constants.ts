/** How many bytes at the head of a file are looked at to recognise its format: roots stand within the first lines. */
export const HEAD_BYTES = 65_536

/** Bytes of a file that are read at the most: 512 MiB, some hundred times a bank's export of ten years. */
export const MAX_FILE_BYTES = 536_870_912

/** Records in one file at the most: a person with 40 bank lines a day makes a million in 68 years. */
export const MAX_ROWS = 1_000_000

/** Elements inside each other at the most: CAMT needs 15. */
export const MAX_DEPTH = 64

/** Characters of one tag, comment or attribute at the most; they are held in memory until they end. */
export const MAX_TOKEN_LENGTH = 1_048_576

/** Elements of one transaction at the most, so that one entry cannot fill the memory. */
export const MAX_RECORD_ELEMENTS = 50_000

/** Characters of one field at the most: ISO 20022 and OFX allow 500. What is cut is reported. */
export const MAX_TEXT_LENGTH = 2_000

/** Characters of a title: one line on a screen. The whole text stays in the fields. */
export const MAX_TITLE_LENGTH = 200

/** Bytes (UTF-8) of all texts of one record but its details, so that it fits into one entry of a vault's log. */
export const MAX_FIELDS_BYTES = 24_576

/** Characters of one transaction's text held before its fields are cut, markup not counted. */
export const MAX_RECORD_TEXT = 8_388_608

/** Payments of a batch that are kept with its entry; the rest is counted and reported. */
export const MAX_DETAILS = 200

/** Bytes (UTF-8) of all texts of a record's details together, for the same reason. */
export const MAX_DETAILS_BYTES = 24_576

/** Lines of a report at the most, for each of what was skipped, unknown and the balances. */
export const MAX_REPORTED = 1_000
