import { base64url, fromBase64url } from '@muniment/crypto'
import { MunimentError } from '@muniment/interface'

/** Bytes of a grant's id, and of the key that proves it. */
export const GRANT_ID_LENGTH = 16
export const GRANT_KEY_LENGTH = 32
/** Addresses in a link, and characters of each and of all. */
const MAX_ADDRESSES = 16
const MAX_ADDRESS_LENGTH = 512
const MAX_LINK_LENGTH = 8192

const SCHEME = 'muniment:replica'
const VERSION = '1'

/** What lets a vault keep a replica at a host: where the host is, and the grant with its key. Whoever has it may use it. */
export interface PeerCapability {
  /** Multiaddrs that end in the host's peer id. */
  readonly addresses: readonly string[]
  /** 16 bytes. */
  readonly id: Uint8Array
  /** 32 bytes. */
  readonly key: Uint8Array
}

/** The link that a host hands out: `muniment:replica?v=1&g=…&k=…&a=…`. */
export function capabilityLink({ addresses, id, key }: PeerCapability): string {
  const where = addresses.map((address) => `&a=${encodeURIComponent(address)}`)
  return `${SCHEME}?v=${VERSION}&g=${base64url(id)}&k=${base64url(key)}${where.join('')}`
}

/** Reads {@link capabilityLink}. Throws `ERR_MALFORMED`, not repeating it, and `ERR_UNSUPPORTED` for a newer version. */
export function readCapabilityLink(link: string): PeerCapability {
  const text = link.trim()
  if (!text.startsWith(`${SCHEME}?`) || text.length > MAX_LINK_LENGTH) throw malformed()
  const query = new URLSearchParams(text.slice(SCHEME.length + 1))
  if (query.get('v') !== VERSION) {
    throw new MunimentError('ERR_UNSUPPORTED', 'this link to a replica is of a newer Muniment')
  }
  const addresses = query.getAll('a')
  const areFew = addresses.length > 0 && addresses.length <= MAX_ADDRESSES
  if (!areFew || addresses.some(({ length }) => length === 0 || length > MAX_ADDRESS_LENGTH))
    throw malformed()
  return {
    addresses,
    id: bytesIn(query.get('g'), GRANT_ID_LENGTH),
    key: bytesIn(query.get('k'), GRANT_KEY_LENGTH),
  }
}

function bytesIn(text: string | null, length: number): Uint8Array {
  try {
    const bytes = fromBase64url(text ?? '')
    if (bytes.length === length) return bytes
  } catch {
    // Its error would repeat the key.
  }
  throw malformed()
}

function malformed(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'this is no link to a replica at a host')
}
