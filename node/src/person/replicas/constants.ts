/** Milliseconds without a change after which what waits is pushed: an import or a typed sentence goes in one upload. */
export const QUIET_TIME = 3_000

/** Milliseconds that changes wait at the most, when they never stop. */
export const LONGEST_WAIT = 60_000

/** Milliseconds before the second try after a failure; each further failure doubles it. */
export const FIRST_RETRY = 10_000

/** Milliseconds between tries at the most: a disk that is plugged in is noticed within a quarter of an hour. */
export const LONGEST_RETRY: number = 15 * 60_000

/**
 * Milliseconds between two tellings of what this device saw at a replica. A telling is a change itself, which has to be
 * pushed: with a shorter time two devices would keep each other busy.
 */
export const TELLING_INTERVAL: number = 24 * 60 * 60_000
