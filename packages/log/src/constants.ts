/** A frame with everything in it, in bytes: small enough to hold whole in memory, for a peer or a replica alike. */
export const MAX_FRAME_LENGTH: number = 64 * 1024

/** A sealed body after padding, in bytes: the largest Padmé bucket that leaves room for a frame's other parts. */
const MAX_PADDED_LENGTH = 61_440

/**
 * The longest body of an entry, in bytes: {@link MAX_PADDED_LENGTH} without the byte that names the kind and the byte
 * that ends the padding. What is longer is split by whoever writes it.
 */
export const MAX_BODY_LENGTH: number = MAX_PADDED_LENGTH - 2

/** Clock changes that one entry's header names at the most; the rest follow in the next entry. Keeps headers under 4 KiB. */
export const MAX_CLOCK_CHANGES = 64

/** An entry's header, in bytes: 64 clock changes of 54 bytes and the other fields. */
export const MAX_HEADER_LENGTH = 3_700

/** Entries in one frame at the most: the smallest entry takes about 180 bytes of the 64 KiB. */
export const MAX_FRAME_ENTRIES = 400

/** Random bytes of a session entry (protocol rule 3). */
export const SESSION_LENGTH = 32

/**
 * Frames of other branches kept for one device. The proof needs two; a device that forks without end must not fill
 * the disk.
 */
export const MAX_RIVAL_FRAMES = 256

/**
 * Entries that are taken in beyond the cut of a removed device: its answer to the removal may be among them, and who
 * had not heard of the removal passes them on. Some 30 MB at the most, of what a device wrote that should write no more.
 */
export const MAX_ENTRIES_BEYOND_CUT = 512

/**
 * The newest frame of each device stays in memory when it is no longer than this, in bytes: whoever hears of a live edit
 * reads it at once. 500 devices take 4 MiB.
 */
export const MAX_REMEMBERED_LENGTH: number = 8 * 1024

/** Appends that wait are put into one commit up to so many bytes of bodies. */
export const MAX_GROUP_LENGTH: number = 4 * 1024 * 1024

/** Bytes of a frame beside its entries: names, version, device, numbers, previous hash, signature. */
export const FRAME_OVERHEAD = 320

/** Bytes that an entry takes in a frame beside its header and payload: names and lengths. */
export const ENTRY_OVERHEAD = 32

/** Domain of a frame's signature. */
export const FRAME_DOMAIN = 'muniment/frame/1'

/** Domain of an entry's hash. */
export const ENTRY_HASH_DOMAIN = 'muniment/entry-hash/1'

/** Domain of the associated data that binds a sealed payload to its header, device and vault. */
export const ENTRY_SEAL_DOMAIN = 'muniment/entry-seal/1'
