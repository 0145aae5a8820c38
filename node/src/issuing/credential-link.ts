import { base64url, fromBase64url, fromUtf8, utf8 } from '@muniment/crypto'
import { type CredentialOffer, parseCredentialOffer, parseStrictJson } from '@muniment/credentials'
import { MunimentError } from '@muniment/interface'

const SCHEME = 'muniment:credential?'
/** What a QR code that a phone still reads can hold. */
const MAX_LINK_LENGTH = 2048
const MAX_ADDRESSES = 8

/** An issuer's offer, and where the issuer is dialled. */
export interface CredentialLink {
  readonly addresses: readonly string[]
  readonly offer: CredentialOffer
}

/** Writes `muniment:credential?at=<multiaddr>&offer=<base64url of the offer's JSON>`, with one `at` for each address. */
export function formatCredentialLink({ addresses, offer }: CredentialLink): string {
  const parameters = new URLSearchParams()
  for (const address of addresses) parameters.append('at', address)
  parameters.append('offer', base64url(utf8(JSON.stringify(offer))))
  return SCHEME + parameters.toString()
}

/** Reads what a person scanned or pasted; throws `ERR_MALFORMED`. */
export function parseCredentialLink(text: string): CredentialLink {
  const link = text.trim()
  if (!link.startsWith(SCHEME) || link.length > MAX_LINK_LENGTH) throw notALink()
  const parameters = new URLSearchParams(link.slice(SCHEME.length))
  const addresses = parameters.getAll('at')
  const offers = parameters.getAll('offer')
  if (addresses.length === 0 || addresses.length > MAX_ADDRESSES || offers.length !== 1) throw notALink()
  const json = fromUtf8(fromBase64url(offers[0] ?? ''))
  return { addresses, offer: parseCredentialOffer(parseStrictJson(json)) }
}

function notALink(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'this is not the link of a credential offer')
}
