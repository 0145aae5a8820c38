/** Milliseconds in which a DID document must have arrived whole: a server that drips is let go. */
export const FETCH_TIMEOUT = 10_000

/** Bytes of header lines that are read of an answer. */
export const MAX_ANSWER_HEADERS = 8192
