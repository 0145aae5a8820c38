import type { PeerId } from './identifiers.ts'

/**
 * Whole messages to and from one authenticated peer, in order, with back-pressure. Over libp2p it is one stream;
 * in tests, a pair in memory.
 */
export interface Channel {
  /** This end's peer id. */
  readonly local: PeerId
  /** The other end's peer id, proved by the transport's handshake. */
  readonly remote: PeerId
  /**
   * Sends one message; resolves when the channel has room for the next. Throws `ERR_CHANNEL_CLOSED`, or
   * `ERR_TOO_LARGE` for a message over the channel's limit.
   */
  send(message: Uint8Array): Promise<void>
  /**
   * The next message, or `undefined` once the other end has closed. One call at a time. Throws `ERR_CHANNEL_CLOSED`
   * after an abort at either end, `ERR_TIMEOUT` for a silent peer, `ERR_TOO_LARGE` for an announced length over the
   * limit (before any of it is read), and `ERR_ABORTED` by the signal.
   */
  receive(options?: { readonly signal?: AbortSignal }): Promise<Uint8Array | undefined>
  /** Tells the other end that nothing more comes, after all that was sent. */
  close(): Promise<void>
  /** Drops the channel at once, both ways. */
  abort(reason: Error): void
}
