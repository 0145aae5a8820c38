/** How long a request for a presentation can be answered, in milliseconds: time to read a contract and think. */
export const REQUEST_LIFETIME: number = 30 * 60 * 1000
/** Presentations in one answer at the most. */
export const MAX_PRESENTATIONS = 16
