import type { Cryptography } from '@muniment/interface'

/**
 * The `sd_hash` of a presentation (RFC 9901, section 4.3.1).
 *
 * @param presentation - issuer-signed JWT and disclosures, ending with `~`
 */
export function sdHash(cryptography: Cryptography, presentation: string): string {
  return cryptography.sha256Base64url(presentation)
}

/**
 * The hash of one item of transaction data (OpenID4VP 1.0, appendix B.3.3.1).
 *
 * @param encoded - the item exactly as it stood in the request: a base64url text
 */
export function transactionDataHash(cryptography: Cryptography, encoded: string): string {
  return cryptography.sha256Base64url(encoded)
}
