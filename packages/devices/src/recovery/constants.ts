/** Bytes of the secret of a recovery member: 256 bits, which are 24 words. */
export const RECOVERY_SECRET_LENGTH = 32

/** Words of a kit: 256 bits and the 8 bits of BIP-39's checksum, 11 bits a word. */
export const KIT_WORDS = 24

/** Words asked for in a rehearsal: somebody who did not write them down guesses three once in 8.6 thousand million. */
export const REHEARSED_WORDS = 3

/** Letters from which a word can be told: no two words of a BIP-39 list begin with the same four. */
export const TELLING_LETTERS = 4

/** Suggestions shown for one word that is in no list. */
export const MAX_SUGGESTIONS = 5

/** Slips (a letter wrong, missing, too many, or two changed places) up to which a word is suggested. */
export const MAX_SLIPS = 2

/** Characters read as words or as a link: 16 KiB hold ten times the longest fragment in words. */
export const MAX_TYPED_LENGTH: number = 16 * 1024

/** Guardians at the least to be needed: one alone would be a second kit in another's hands. */
export const MIN_THRESHOLD = 2

/** Guardians of a set at the most: more people than anyone can ask. */
export const MAX_GUARDIANS = 16

/** Bytes of a fragment: a name of 64 characters takes 256 at the most, the rest 160. */
export const MAX_FRAGMENT_LENGTH = 512

/** Bytes of a share: one for each byte of the secret, and where on the polynomial it lies. */
export const SHARE_LENGTH = 33
