import { MunimentError, type PeerId } from '@muniment/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'

/** Parses an address that names its peer. Throws `ERR_INVALID_ARGUMENT`. */
export function parseAddress(address: string): { readonly multiaddr: Multiaddr; readonly remote: PeerId } {
  const parsed = tryMultiaddr(address)
  const remote = parsed?.getComponents().findLast(({ name }) => name === 'p2p')?.value
  if (!parsed || remote === undefined) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'an address looks like /ip4/192.0.2.1/tcp/4001/p2p/12D3…')
  }
  return { multiaddr: parsed, remote }
}

/** What a failed dial means: given up, a protocol that the peer does not speak, or a peer that is not there. */
export function dialError(cause: unknown, signal: AbortSignal | undefined): MunimentError {
  if (signal?.aborted) return new MunimentError('ERR_ABORTED', 'the dial was given up', { cause })
  if (cause instanceof Error && cause.name === 'UnsupportedProtocolError') {
    return new MunimentError('ERR_PROTOCOL', 'the peer does not speak this protocol', { cause })
  }
  return new MunimentError('ERR_UNREACHABLE', 'the peer does not answer at this address', { cause })
}

function tryMultiaddr(address: string): Multiaddr | undefined {
  try {
    return multiaddr(address)
  } catch {
    return undefined
  }
}
