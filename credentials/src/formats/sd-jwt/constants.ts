/** How far clocks may differ, in seconds, when a time in a token is compared with the verifier's. */
export const CLOCK_SKEW_SECONDS = 60

/**
 * How old a key-binding JWT may be, in seconds: long enough for a person on a slow line, short enough that a
 * presentation that was copied is soon worthless.
 */
export const KEY_BINDING_MAX_AGE_SECONDS = 300

/** Characters of a token at the most: a portrait fits, and a hostile token costs milliseconds. */
export const MAX_TOKEN_LENGTH: number = 1024 * 1024

/** Nesting of claims at the most, counted through disclosures. */
export const MAX_CLAIM_DEPTH = 64

/** Bytes of a salt: 128 bits (RFC 9901, section 9.3). */
export const SALT_LENGTH = 16

/** The media types of an SD-JWT VC: the present one, and the one of drafts before November 2024. */
export const SD_JWT_VC_TYPES: readonly string[] = ['dc+sd-jwt', 'vc+sd-jwt']

/** Claims of an SD-JWT VC that must be visible in every presentation (SD-JWT VC, section 3.2.2.2). */
export const NEVER_DISCLOSABLE: readonly string[] = [
  'iss',
  'nbf',
  'exp',
  'cnf',
  'vct',
  'vct#integrity',
  'status',
]
