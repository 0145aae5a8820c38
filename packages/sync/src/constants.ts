/** The protocol's name on the network, version included. */
export const SYNC_PROTOCOL = '/muniment/sync/1'

/** Domain of the signature by which a device proves to be a member on one connection. */
export const PROOF_DOMAIN = 'muniment/sync-proof/1'

/** Random bytes that each side contributes to the other's proof. */
export const PROOF_NONCE_LENGTH = 32

/** Milliseconds for proving membership both ways and saying what is held. */
export const GREETING_TIMEOUT = 20_000

/** Milliseconds between signs of life on a connection where nothing happens: under half of a channel's idle time-out. */
export const KEEPALIVE_INTERVAL = 45_000

/** Bytes of frames sent and not yet acknowledged as stored, at the most: what a peer can make the other end hold. */
export const MAX_WINDOW_BYTES: number = 4 * 1024 * 1024

/** Frames sent and not yet acknowledged, at the most: small frames cost more than their bytes. */
export const MAX_WINDOW_FRAMES = 4_096

/** Bytes of frames put into one message; one frame is always let in. */
export const MESSAGE_FILL: number = 128 * 1024

/** Frames in one message at the most. */
export const MAX_MESSAGE_FRAMES = 1_024

/** Bytes of a message at the most, whatever the channel allows: a keyring of some thousand keys fits. */
export const MAX_SYNC_MESSAGE: number = 1024 * 1024

/** Devices of which a peer may speak. A vault has fewer; removed ones keep their place. */
export const MAX_SPOKEN_DEVICES = 512

/** Landmarks in one question for where two branches part: doubling steps from any head end sooner. */
export const MAX_LANDMARKS = 64

/** Questions for where branches part that one peer may ask on one connection: one a device. */
export const MAX_LOCATES: number = MAX_SPOKEN_DEVICES

/** Logs that one peer may ask for again on one connection: one a device. */
export const MAX_AGAIN: number = MAX_SPOKEN_DEVICES

/** Questions for lost entries that one peer may ask on one connection: each is answered with some thousand entries. */
export const MAX_REFETCHES = 512

/** Frames sent in answer to one such question: what the other end keeps of a branch at the most. */
export const MAX_BRANCH_FRAMES = 256
