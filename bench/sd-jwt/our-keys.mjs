import { fromBase64url } from '@muniment/crypto'
import { publicKeyFromJwk } from '@muniment/identity'
import { nodeCryptography } from 'muniment/platform'

/** The signer of a private JWK. */
export function signerOf({ d, ...publicJwk }) {
  return nodeCryptography.signer({ publicKey: publicKeyFromJwk(publicJwk), secretKey: fromBase64url(d) })
}
