import type { KeyId } from './identifiers.ts'

/**
 * The data keys still alive, by name: what the log needs of the keyring. A key that was erased is gone, and what it
 * sealed cannot be opened by anyone.
 */
export interface DataKeys {
  /** The 32-byte key, or `undefined` when it is not known (not yet received) or was erased. */
  get(id: KeyId): Uint8Array | undefined
  /** True once the key was erased on purpose. */
  isErased(id: KeyId): boolean
  /**
   * True for a key that may seal what is written now: it is known, and nobody has been removed since it was made (protocol
   * rule 5). Who keeps a key for later asks this first, and makes a fresh one otherwise.
   */
  isCurrent(id: KeyId): boolean
  /** Makes `count` fresh keys; they are durable in the keyring when it resolves, before anything is sealed with them. */
  create(count: number): Promise<readonly KeyId[]>
}

/** Data keys that can be destroyed: erasing what they sealed, wherever a copy of it lies. */
export interface ErasableKeys extends DataKeys {
  /** Destroys keys, durably when it resolves, for everyone who hears of it. */
  erase(ids: readonly KeyId[]): Promise<void>
  /** How many keys were ever destroyed; it only grows, here or by what other devices erased. */
  readonly erasedCount: number
}
