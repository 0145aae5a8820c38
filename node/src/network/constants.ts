/** Bytes of the longest message on a channel: a frame of 64 KiB, or a keyring of 10,000 keys, with room to spare. */
export const MAX_MESSAGE: number = 1 << 20

/** Bytes of received messages that wait to be read; past them the other end is paused. */
export const MAX_WAITING: number = 1 << 20

/** Milliseconds without a whole message, while one is waited for, after which a peer counts as gone. */
export const IDLE_TIMEOUT = 120_000

/** Milliseconds in which a message that has begun must be complete: 1 MiB over a line of 280 kbit/s. */
export const MESSAGE_TIMEOUT = 30_000

/** Milliseconds that a sender waits for a peer to make room. */
export const SEND_TIMEOUT = 60_000
