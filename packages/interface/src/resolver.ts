import type { Did } from './identifiers.ts'
import type { PublicKey } from './cryptography.ts'

/** A public key of a DID, and what it may be used for (W3C DID Core 1.0, section 5.3). */
export interface DidKey {
  /** The full DID URL of the verification method. */
  readonly id: string
  readonly publicKey: PublicKey
  readonly purposes: readonly ('authentication' | 'assertionMethod' | 'keyAgreement')[]
}

/** Where a DID's subject is reached (W3C DID Core 1.0, section 5.4). */
export interface DidService {
  readonly id: string
  readonly type: string
  readonly endpoint: string
}

/** What a DID resolves to, reduced to what Muniment uses. */
export interface ResolvedDid {
  readonly did: Did
  readonly keys: readonly DidKey[]
  readonly services: readonly DidService[]
}

/** Resolves DIDs. Throws `ERR_DID_UNRESOLVED` with the reason when there is nothing to be had. */
export interface Resolver {
  resolve(did: Did, options?: { readonly signal?: AbortSignal }): Promise<ResolvedDid>
}
