import type { Clock, Cryptography, Random, Signer, Store } from '@muniment/interface'
import type { Organisation } from './offer.ts'
import type { VerifyPresentations } from './presentation-verifier.ts'

/** What an organisation's side is made of. */
export interface DeskComponents {
  readonly cryptography: Cryptography
  readonly random: Random
  readonly clock: Clock
  /** Owned by this process alone. */
  readonly store: Store
  /** The organisation's key, of which `kid` in {@link DeskInit} is the DID URL. */
  readonly signer: Signer
  readonly verifyPresentations: VerifyPresentations
}

/** Who the organisation is. */
export interface DeskInit {
  readonly organisation: Organisation
  /** The DID URL of the signing key; the DID document lists it as an assertion method. */
  readonly kid: string
}
