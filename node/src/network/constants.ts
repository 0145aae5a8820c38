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

/** Milliseconds for a dial: connecting, the Noise handshake, and agreeing on the protocol. */
export const DIAL_TIMEOUT = 10_000

/** Milliseconds in which who connects must have completed the Noise handshake. */
export const HANDSHAKE_TIMEOUT = 5000

/** Bytes of yamux's receive window: a larger one lets a paused stream overflow its buffer and be reset. */
export const MAX_STREAM_WINDOW: number = 1 << 20

/** Streams that a peer may have open on one connection, whatever they are for: each may hold a window of bytes. */
export const MAX_STREAMS_PER_CONNECTION = 12

/** Connections that one peer may have open: two that dial each other at the same time, and as many being replaced. */
export const MAX_CONNECTIONS_PER_PEER = 4

/** Channels of one protocol that one peer may have open: each may hold about 3 MiB. */
export const MAX_CHANNELS_PER_PEER = 4

/** Connections in all. */
export const MAX_CONNECTIONS = 512

/** Connections that may be in their handshake: silent sockets stay here until {@link HANDSHAKE_TIMEOUT}. */
export const MAX_PENDING_CONNECTIONS = 4096

/** Connections that one host may open in a second: many devices of one home share an address. */
export const MAX_CONNECTIONS_PER_SECOND = 1000

/** What identify says of this program: the same for every version and machine, for it is shown to whoever connects. */
export const AGENT = 'muniment'
