/** A week in seconds. Dates of copies are rounded to it, so that they do not tell copies apart (protocol rule 10). */
export const WEEK_SECONDS: number = 7 * 24 * 60 * 60
/** How long a copy lives at the most, in seconds (protocol rule 10). */
export const COPY_LIFETIME_SECONDS: number = 2 * WEEK_SECONDS
/** Copies of one credential that one request may ask for. */
export const MAX_BATCH = 32
/** How long an offer can be taken up, in milliseconds: it may come by letter. */
export const OFFER_LIFETIME: number = 14 * 24 * 60 * 60 * 1000
/** Wrong transaction codes before an offer is burnt: six digits would fall to a machine that may try for ever. */
export const MAX_TX_CODE_TRIES = 3
/** Digits of a transaction code. */
export const TX_CODE_LENGTH = 6
/** How long an access token counts, in milliseconds. */
export const ACCESS_TOKEN_LIFETIME: number = 60 * 60 * 1000
/** How long a nonce for proofs counts, in milliseconds. */
export const PROOF_NONCE_LIFETIME: number = 5 * 60 * 1000
/** How old a proof may be, in seconds. */
export const PROOF_MAX_AGE_SECONDS = 300
/** How long a renewal grant counts, in milliseconds: after it, the facts have to be certified again. */
export const GRANT_LIFETIME: number = 366 * 24 * 60 * 60 * 1000
