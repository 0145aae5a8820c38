/**
 * Bytes of the objects that replicas hold: 32 KiB, 256 KiB and 2 MiB, each with the 40 bytes that sealing adds. There
 * are no others, so that a size tells nothing but which of three it is (protocol rule 2).
 *
 * Three sizes, each eight times the one before: what is left over at the end of an upload fills its object at least
 * by half or is smaller than the smallest, an upload of a gigabyte takes five hundred requests, and four objects on their
 * way at once take 8 MiB.
 */
export const REPLICA_OBJECT_SIZES: readonly [number, number, number] = [
  (32 << 10) + 40,
  (256 << 10) + 40,
  (2 << 20) + 40,
]

/** Bytes of the largest object of a replica: whoever reads one stops there. */
export const MAX_REPLICA_OBJECT: number = REPLICA_OBJECT_SIZES[2]

/** One object as listed. */
export interface ReplicaObject {
  /** 64 lower-case hexadecimal digits. */
  readonly name: string
  /** Bytes; not one of {@link REPLICA_OBJECT_SIZES} when it arrived only in part. */
  readonly size: number
}

/** What every call takes: a way to give it up, with `ERR_ABORTED`. */
export interface ReplicaCallOptions {
  readonly signal?: AbortSignal
}

/**
 * Somewhere that keeps sealed objects by name and is trusted with nothing: a folder that some service syncs, a
 * server, another person's machine. It may lose, change, bring back or invent what it likes; who uses it notices.
 *
 * A name is 64 lower-case hexadecimal digits, and an object has one of {@link REPLICA_OBJECT_SIZES}; anything else that
 * lies there is passed over, for a folder may hold other files too. Throws `ERR_INVALID_ARGUMENT` for another name or
 * size, `ERR_REPLICA_UNREACHABLE` when trying later may help, `ERR_REPLICA_REFUSED` when it will not (credentials, a
 * place that is no replica), and `ERR_ABORTED`.
 */
export interface ReplicaStorage {
  /** The objects whose names begin with `prefix` (any number of hexadecimal digits), in no promised order. */
  list(prefix: string, options?: ReplicaCallOptions): AsyncIterable<ReplicaObject>
  /**
   * The object's bytes as they lie there, or `undefined` when there is none. Throws `ERR_REPLICA_DAMAGED` for one over
   * {@link MAX_REPLICA_OBJECT}, of which no more than that is read.
   */
  get(name: string, options?: ReplicaCallOptions): Promise<Uint8Array | undefined>
  /**
   * Writes or replaces an object whole; it is kept when this resolves. Cut off, it leaves what was there before, or
   * the new object, or, where a storage cannot do better, one that is not whole. Throws `ERR_REPLICA_FULL`.
   */
  put(name: string, bytes: Uint8Array, options?: ReplicaCallOptions): Promise<void>
  /** Removes an object; nothing happens when there is none. */
  delete(name: string, options?: ReplicaCallOptions): Promise<void>
  /** Gives up connections. */
  close(): Promise<void>
}
