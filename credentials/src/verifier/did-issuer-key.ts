import type { PublicKey, Resolver } from '@muniment/interface'
import { isMunimentError } from '@muniment/interface'
import type { FindIssuerKey } from '../formats/sd-jwt/verify-vc.ts'

/**
 * Finds issuers' keys in their DID documents: `iss` is a DID, and `kid` names one of its keys for assertions, as a whole DID
 * URL or as its fragment. Without `kid` the document must have exactly one such key. `undefined` for any other issuer, and
 * for a DID that does not resolve; other failures of the resolver come through.
 *
 * @param isTrusted - whom the verifier lets certify; a DID by itself only says who signed
 */
export function didIssuerKey(resolver: Resolver, isTrusted: (issuer: string) => boolean): FindIssuerKey {
  return async (issuer, header): Promise<PublicKey | undefined> => {
    if (!issuer?.startsWith('did:') || !isTrusted(issuer)) return undefined
    const keys = await assertionKeys(resolver, issuer)
    const { kid } = header
    if (kid === undefined) return keys.length === 1 ? keys[0]?.publicKey : undefined
    if (typeof kid !== 'string') return undefined
    const id = kid.startsWith('#') ? issuer + kid : kid
    return keys.find((key) => key.id === id)?.publicKey
  }
}

async function assertionKeys(
  resolver: Resolver,
  issuer: string,
): Promise<readonly { readonly id: string; readonly publicKey: PublicKey }[]> {
  try {
    const { keys } = await resolver.resolve(issuer)
    return keys.filter(({ purposes }) => purposes.includes('assertionMethod'))
  } catch (error) {
    if (isMunimentError(error, 'ERR_DID_UNRESOLVED')) return []
    throw error
  }
}
