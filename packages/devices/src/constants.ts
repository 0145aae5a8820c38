import type { Milliseconds } from '@muniment/interface'

/** How long an invitation can be answered: 10 minutes, long enough to fetch the other device. */
export const INVITATION_LIFETIME: Milliseconds = 10 * 60_000

/** How long a pairing waits for the other machine's next message: a slow relay needs 2 s, so this is generous. */
export const STEP_TIMEOUT: Milliseconds = 20_000

/** How long a pairing waits for a person to compare the words: with a step, under the network's two idle minutes. */
export const WORDS_TIMEOUT: Milliseconds = 90_000

/** Pairings that one invitation answers at the same time; each costs two scalar multiplications. */
export const MAX_PARALLEL_PAIRINGS = 4

/** Bytes of a pairing message before both ends are proved to hold the secret: the largest has 200. */
export const MAX_HANDSHAKE_MESSAGE = 1024

/** Bytes of a sealed pairing message: under the network's 1 MiB; a list of 256 devices has 350 KiB. */
export const MAX_PAIRING_MESSAGE: number = 768 * 1024

/** Bytes of the keyring that one pairing message carries. */
export const KEYRING_PART: number = 512 * 1024

/** Words that both people compare: 3 words of 11 bits; somebody in between has one try at one in 8.6 thousand million. */
export const COMPARED_WORDS = 3

/** Bytes of the secret in a link or QR: 128 bits. */
export const LINK_SECRET_LENGTH = 16

/** Characters of an invitation link at the most: 16 addresses of 256 characters fit. */
export const MAX_LINK_LENGTH = 8192

/** Addresses that an invitation or a pairing carries at the most. */
export const MAX_ADDRESSES = 16

/** Characters of one address at the most. */
export const MAX_ADDRESS_LENGTH = 256

/** Characters of a device's name. */
export const MAX_NAME_LENGTH = 64

/** Characters of a transport peer id; today's have 52. */
export const MAX_PEER_ID_LENGTH = 128

/** Bytes of one roster operation: the largest understood today has 1,600. */
export const MAX_OPERATION_LENGTH: number = 16 * 1024

/** Earlier operations that one operation names: as many as there can be concurrent ones. */
export const MAX_HEADS = 64

/** Devices of a vault, for bounding what a keyring or a pairing carries. */
export const MAX_DEVICES = 256

/** Bytes of a keyring: 16 MiB hold some 340,000 data keys. */
export const MAX_KEYRING_LENGTH: number = 16 * 1024 * 1024

/** Yjs draws client ids from 32 bits, and so does the roster. */
export const MAX_CLIENT_ID: number = 2 ** 32 - 1

/** Bytes of an X-Wing public key (draft-connolly-cfrg-xwing-kem, section 5.2). */
export const AGREEMENT_KEY_LENGTH = 1216

/** Bytes of an X-Wing secret key: the seed. */
export const AGREEMENT_SECRET_LENGTH = 32

/** Names of holder keys that one removal lists at the most: the operation stays under its limit. */
export const MAX_RETIRED = 256

/**
 * Client ids that are kept for the devices that the recovery kit adds: the kit takes the place of the first device's
 * 1,024th to 2,047th addition, so the first device adds 1,023 itself.
 */
export const KIT_SLOTS = 1024

/** Operations of one device's log that get a place in the graph: a daily change for ten years. Later ones are void. */
export const MAX_OPERATIONS_OF_ONE = 4096
