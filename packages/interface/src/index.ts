/**
 * The words of Muniment: the types that packages share, the ports that a device fills in, and errors with stable
 * codes. It imports nothing.
 *
 * @example
 * ```ts
 * import { MunimentError, isMunimentError } from '@muniment/interface'
 *
 * try {
 *   throw new MunimentError('ERR_STORE_LOCKED', 'another process has this vault open')
 * } catch (error) {
 *   if (!isMunimentError(error, 'ERR_STORE_LOCKED')) throw error
 * }
 * ```
 * @packageDocumentation
 */
export type { Channel } from './channel.ts'
export type { Clock } from './clock.ts'
export type {
  Argon2Parameters,
  Cryptography,
  KeyPair,
  PublicKey,
  Random,
  SignatureAlgorithm,
  Signer,
} from './cryptography.ts'
export type { DataKeys, ErasableKeys } from './data-keys.ts'
export { ERROR_CODES, isMunimentError, MunimentError, type MunimentErrorCode } from './errors.ts'
export type {
  Did,
  DeviceId,
  EpochId,
  KeyId,
  Milliseconds,
  PeerId,
  VaultId,
  VersionVector,
} from './identifiers.ts'
export type { Outcome, Problem, Refusal } from './outcome.ts'
export type { Assurance, FieldValue, Provenance, RecordDraft } from './records.ts'
export {
  MAX_REPLICA_OBJECT,
  REPLICA_OBJECT_SIZES,
  type ReplicaCallOptions,
  type ReplicaObject,
  type ReplicaStorage,
} from './replica-storage.ts'
export type { DidKey, DidService, ResolvedDid, Resolver } from './resolver.ts'
export type {
  Compression,
  KeyringFile,
  NamesOptions,
  Row,
  RowKey,
  RowRange,
  Store,
  StoreChange,
} from './store.ts'
