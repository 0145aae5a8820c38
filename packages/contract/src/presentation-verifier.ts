import { type FindIssuerKey, verifySdJwtVcWith } from '@muniment/credentials'
import type { Cryptography, Outcome, Problem } from '@muniment/interface'
import type { Contract } from './agree.ts'
import type { ShownClaims } from './disclosed-claims.ts'
import { refusals } from './outcome.ts'
import type { VpToken } from './presentation.ts'
import type { Offer } from './verify-offer.ts'

/** One presentation that was found good. */
export interface VerifiedPresentation extends ShownClaims {
  /** The id of the credential in the terms. */
  readonly credential: string
  /** The `contract_answer` that its holder signed in the key-binding JWT; not parsed yet. */
  readonly contractAnswer: unknown
}

/**
 * Verifies the presentations of an answer: each credential's issuer, dates and status, and its key binding to the
 * offer's audience, nonce and transaction data. What they show is compared with the contract by whoever asked.
 */
export type VerifyPresentations = (
  vpToken: VpToken,
  context: {
    readonly offer: Offer
    readonly contract: Contract
    /** Unix seconds. */
    readonly at: number
  },
) => Promise<Outcome<{ presentations: readonly VerifiedPresentation[] }>>

/**
 * A {@link VerifyPresentations} by the SD-JWT VC engine alone.
 *
 * @param components - `issuerKey`: the key of an issuer that is trusted, or `undefined` for one that is not
 */
export function presentationVerifier(components: {
  readonly cryptography: Cryptography
  readonly issuerKey: FindIssuerKey
}): VerifyPresentations {
  return async (vpToken, { offer, at }) => {
    const problems: Problem[] = []
    const presentations: VerifiedPresentation[] = []
    for (const [credential, [token = '']] of Object.entries(vpToken)) {
      const transactionData = offer.transactionData.get(credential)
      const verified = await verifySdJwtVcWith(token, components, {
        at,
        keyBinding: {
          audience: offer.clientId,
          nonce: offer.nonce,
          transactionData: transactionData === undefined ? [] : [transactionData],
        },
      })
      if (!verified.ok) {
        problems.push(...verified.problems)
        continue
      }
      const { claims, disclosedPaths, keyBinding } = verified
      presentations.push({
        credential,
        claims,
        disclosedPaths,
        contractAnswer: keyBinding?.payload['contract_answer'],
      })
    }
    return problems.length > 0 ? refusals(problems) : { ok: true, presentations }
  }
}
