import type { HeldCredential } from '@muniment/credentials'
import type { Did } from '@muniment/interface'
import { parseCredentialLink } from '../issuing/credential-link.ts'
import { receiveCredential } from '../issuing/receive-credential.ts'
import { dialPairwise } from './dial-pairwise.ts'
import type { ExchangeParts } from './exchange-parts.ts'
import { identityTowards } from './relationships.ts'

/** A credential as a person sees it. */
export interface CredentialSummary {
  readonly id: string
  readonly issuer: Did
  readonly vct: string
  readonly claims: HeldCredential['claims']
  /** Copies on this device that nobody has seen yet. */
  readonly freshCopies: number
}

/** What a person does with credentials. */
export interface CredentialWallet {
  /** Takes the credential that an issuer offers by a link. Throws `ERR_REFUSED`, `ERR_UNREACHABLE`, `ERR_MALFORMED`. */
  receive(link: string, options?: { readonly txCode?: string | undefined }): Promise<CredentialSummary>
  /** The credentials of the vault. */
  credentials(): Promise<readonly CredentialSummary[]>
  /** The copies of a credential on this device, as they were issued, those that were shown included. */
  copies(credential: string): AsyncIterable<string>
}

/** The credentials of a vault, and taking a new one from its issuer. */
export function credentialWallet({
  parts,
  writable,
  webResolver,
  held,
  holder,
}: ExchangeParts): CredentialWallet {
  async function summary(credential: HeldCredential): Promise<CredentialSummary> {
    const { id, issuer, vct, claims } = credential
    return { id, issuer, vct, claims, freshCopies: await holder.countFresh(id) }
  }

  return {
    async receive(text, options = {}) {
      const link = parseCredentialLink(text)
      await writable()
      const { transportKey } = await identityTowards(parts, link.offer.credential_issuer)
      const { credential } = await dialPairwise({ transportKey, addresses: link.addresses }, (dial) =>
        receiveCredential({ holder, resolver: webResolver, dial }, link, options),
      )
      return summary(credential)
    },
    credentials: async () => Promise.all((await held.list()).map(summary)),
    copies: (credential) => holder.copies(credential),
  }
}
