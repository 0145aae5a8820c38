import type { Milliseconds } from '@muniment/interface'
import type { JsonObject } from '../jose/json.ts'

/** What lets every device of the vault fetch copies of its own (protocol rule 9). It is a secret of the vault. */
export interface RenewalGrant {
  /** The issuer's identifier, which is the audience of proofs. */
  readonly issuer: string
  readonly configurationId: string
  readonly refreshToken: string
}

/** A credential as the vault syncs it: what was certified, but no copy and no key, which are each device's own. */
export interface HeldCredential {
  readonly id: string
  readonly issuer: string
  readonly vct: string
  /** The certified claims, without dates, keys and other members of the token. */
  readonly claims: JsonObject
  readonly grant: RenewalGrant
  readonly receivedAt: Milliseconds
}

/** The credentials of the vault: a port that the vault fills. */
export interface HeldCredentials {
  /** Keeps or replaces a credential; durable, and on its way to the other devices, when it resolves. */
  put(credential: HeldCredential): Promise<void>
  get(id: string): Promise<HeldCredential | undefined>
  list(): Promise<readonly HeldCredential[]>
}
