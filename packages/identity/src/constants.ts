/** Characters of a DID that are looked at: a relationship needs 1,200, and base58 costs the square of its length. */
export const MAX_DID_LENGTH = 4096
/** Bytes of a did:web document that are read: 30 keys and services fit; a hostile server could send without end. */
export const MAX_DOCUMENT_BYTES = 65_536
/** DID documents kept at the most: the organisations of one person, many times over, in under 20 MB. */
export const MAX_CACHED_DOCUMENTS = 256
/** How long a resolved document counts, in milliseconds: a key that an organisation drops is used no longer than this. */
export const MAX_CACHED_AGE: number = 10 * 60 * 1000
/** Keys and services of one DID document that are read, each. */
export const MAX_DOCUMENT_ITEMS = 64
