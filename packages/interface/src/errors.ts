/**
 * Every code a {@link MunimentError} can carry. Codes are stable: scripts and translations rely on them, so a code
 * is never renamed and its meaning never changes.
 */
export const ERROR_CODES = [
  // input from a person or a caller
  'ERR_USAGE',
  'ERR_INVALID_ARGUMENT',
  'ERR_MALFORMED',
  'ERR_TOO_LARGE',
  'ERR_NOT_FOUND',
  'ERR_ALREADY_EXISTS',
  'ERR_UNSUPPORTED',
  'ERR_ABORTED',
  'ERR_TIMEOUT',
  // sealing and keys
  'ERR_SEAL_OPEN',
  'ERR_KEY_UNKNOWN',
  'ERR_WRONG_PASSPHRASE',
  'ERR_WEAK_KEY_PARAMETERS',
  // disk
  'ERR_STORE_LOCKED',
  'ERR_STORE_NEWER',
  'ERR_STORE_DAMAGED',
  'ERR_STORE_CLOSED',
  'ERR_STORE_FULL',
  'ERR_STORE_NOT_WRITABLE',
  'ERR_NO_VAULT',
  // log, roster and sync
  'ERR_BAD_SIGNATURE',
  'ERR_BAD_CHAIN',
  'ERR_FORK',
  'ERR_NOT_A_MEMBER',
  'ERR_LAST_DEVICE',
  'ERR_REMOVED',
  'ERR_UPDATE_REFUSED',
  'ERR_ROLLED_BACK',
  'ERR_HEAD_UNCONFIRMED',
  // pairing
  'ERR_INVITATION_EXPIRED',
  'ERR_INVITATION_USED',
  'ERR_INVITATION_MISTYPED',
  'ERR_WRONG_CODE',
  'ERR_WORDS_DIFFER',
  // network
  'ERR_UNREACHABLE',
  'ERR_CHANNEL_CLOSED',
  'ERR_PROTOCOL',
  // identifiers and credentials
  'ERR_DID_UNRESOLVED',
  'ERR_NO_MATCHING_CREDENTIAL',
  'ERR_NO_FRESH_COPY',
  // contracts
  'ERR_OFFER_INVALID',
  'ERR_OFFER_EXPIRED',
  'ERR_ANSWER_TOO_WIDE',
  'ERR_LEDGER_BROKEN',
  'ERR_REFUSED',
  // replicas
  'ERR_REPLICA_UNREACHABLE',
  'ERR_REPLICA_REFUSED',
  'ERR_REPLICA_FULL',
  'ERR_REPLICA_DAMAGED',
  'ERR_REPLICA_ROLLED_BACK',
  // a fault of Muniment itself
  'ERR_INTERNAL',
] as const

/** One of {@link ERROR_CODES}. */
export type MunimentErrorCode = (typeof ERROR_CODES)[number]

/**
 * The one class of error thrown by Muniment: a broken promise, with a stable code and, where there is one, the cause.
 * A *foreseen* "no" (a revoked credential, a refused request) is not thrown but returned, see {@link Outcome}.
 */
export class MunimentError extends Error {
  /** Stable code, one of {@link ERROR_CODES}. */
  readonly code: MunimentErrorCode
  override readonly name = 'MunimentError'

  /**
   * @param code - the stable code
   * @param message - one sentence in plain words, without values that came from a record or a key
   * @param options - `cause`: the error underneath
   */
  constructor(code: MunimentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** True when `error` is a {@link MunimentError}, of the given code if one is named. */
export function isMunimentError(error: unknown, code?: MunimentErrorCode): error is MunimentError {
  return error instanceof MunimentError && (code === undefined || error.code === code)
}
