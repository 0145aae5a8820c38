import { base64url, fromBase64url, utf8 } from '@muniment/crypto'
import { isMunimentError, MunimentError } from '@muniment/interface'
import { LINK_SECRET_LENGTH, MAX_ADDRESS_LENGTH, MAX_ADDRESSES, MAX_LINK_LENGTH } from './constants.ts'
import { lvCat } from './cpace.ts'
import { parseCode } from './invitation-code.ts'

const SCHEME = 'muniment:pair'
const VERSION = '1'

/** What a person was shown on the other device, read back: the link's 128 bits, or the typed code. */
export type InvitationSecret =
  | { readonly form: 'link'; readonly secret: Uint8Array }
  | { readonly form: 'code'; readonly code: string }

/** An invitation as read from a link or typed: the secret, and where the inviting device can be reached. */
export interface ReadInvitation {
  readonly secret: InvitationSecret
  /** Multiaddrs in text form; none for a typed code, which does not say where the other device is. */
  readonly addresses: readonly string[]
}

/** The link, which is also what the QR code holds: `muniment:pair?v=1&s=…&a=…`. */
export function invitationLink(secret: Uint8Array, addresses: readonly string[]): string {
  const query = [
    `v=${VERSION}`,
    `s=${base64url(secret)}`,
    ...addresses.map((a) => `a=${encodeURIComponent(a)}`),
  ]
  return `${SCHEME}?${query.join('&')}`
}

/**
 * Reads what a person pasted, scanned or typed: a link or a short code. Throws `ERR_INVITATION_MISTYPED` for a slip,
 * before anything is sent, and `ERR_UNSUPPORTED` for a link of a newer version.
 */
export function readInvitation(text: string): ReadInvitation {
  const trimmed = text.trim()
  if (!trimmed.toLowerCase().startsWith(`${SCHEME}?`)) {
    return { secret: { form: 'code', code: parseCode(trimmed) }, addresses: [] }
  }
  if (trimmed.length > MAX_LINK_LENGTH) throw mistyped()
  const query = new URLSearchParams(trimmed.slice(SCHEME.length + 1))
  if (query.get('v') !== VERSION) {
    throw new MunimentError('ERR_UNSUPPORTED', 'this invitation was made by a newer version')
  }
  const addresses = query.getAll('a')
  if (addresses.length > MAX_ADDRESSES || addresses.some((a) => a.length > MAX_ADDRESS_LENGTH))
    throw mistyped()
  return { secret: { form: 'link', secret: linkSecret(query.get('s') ?? '') }, addresses }
}

function linkSecret(text: string): Uint8Array {
  try {
    const secret = fromBase64url(text)
    if (secret.length === LINK_SECRET_LENGTH) return secret
  } catch (error) {
    if (!isMunimentError(error, 'ERR_MALFORMED')) throw error
  }
  throw mistyped()
}

/** CPace's password-related string: the form with its secret, so that one can never stand for the other. */
export function passwordOf(secret: InvitationSecret): Uint8Array {
  return secret.form === 'link' ? lvCat(utf8('link'), secret.secret) : lvCat(utf8('code'), utf8(secret.code))
}

function mistyped(): MunimentError {
  return new MunimentError(
    'ERR_INVITATION_MISTYPED',
    'this invitation link is not whole: copy or scan it again',
  )
}
