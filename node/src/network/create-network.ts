import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, PeerId as Libp2pPeerId, Stream } from '@libp2p/interface'
import { mdns } from '@libp2p/mdns'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import {
  type Channel,
  type Clock,
  isMunimentError,
  type Milliseconds,
  MunimentError,
  type PeerId,
} from '@muniment/interface'
import { createLibp2p } from 'libp2p'
import {
  AGENT,
  DIAL_TIMEOUT,
  HANDSHAKE_TIMEOUT,
  MAX_CHANNELS_PER_PEER,
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_PEER,
  MAX_CONNECTIONS_PER_SECOND,
  MAX_PENDING_CONNECTIONS,
  MAX_STREAM_WINDOW,
  MAX_STREAMS_PER_CONNECTION,
} from './constants.ts'
import { channelCounter } from './channel-counter.ts'
import { dialError, parseAddress } from './dial-error.ts'
import { transportPrivateKey } from './peer-id.ts'
import { streamChannel } from './stream-channel.ts'

const SEED_LENGTH = 32

/** Settings of a network. */
export interface NetworkInit {
  /** 32 bytes: the seed of the Ed25519 transport key. It is never the key that signs a log. */
  readonly transportKey: Uint8Array
  /** Multiaddrs to listen on, e.g. `/ip4/0.0.0.0/tcp/0`. None for a device that only dials. */
  readonly listen?: readonly string[]
  readonly clock: Clock
  /** Finds peers in the local network by mDNS, under a service tag. Off by default: mDNS shows the peer id to all. */
  readonly discovery?: {
    readonly serviceTag: string
    readonly onPeer: (addresses: readonly string[]) => void
  }
  /** What a protocol's server threw; by default it is dropped with its channel. */
  readonly onError?: (error: unknown, protocol: string) => void
}

/** How a dial is made. */
export interface DialOptions {
  readonly signal?: AbortSignal
  /** Milliseconds of silence that a waiting reader bears; `Infinity` for ever. */
  readonly idleTimeout?: Milliseconds
}

/** How a protocol is served. */
export interface ServeOptions {
  /** Whether this peer may open a channel; the rest are dropped before a byte is read. By default all may. */
  readonly allow?: (peer: PeerId) => boolean
  /** By default {@link MAX_CHANNELS_PER_PEER}. */
  readonly maxChannelsPerPeer?: number
  /** Milliseconds of silence that a waiting reader bears; `Infinity` for ever. */
  readonly idleTimeout?: Milliseconds
}

/** Channels to other devices over libp2p: TCP, Noise, yamux. */
export interface Network {
  readonly peerId: PeerId
  /** Where this device is reached now: multiaddrs that end in `/p2p/` and the peer id. */
  addresses(): string[]
  /**
   * Opens a channel. Throws `ERR_INVALID_ARGUMENT` for an address without a peer id, `ERR_UNREACHABLE`, `ERR_PROTOCOL`
   * when the peer does not speak the protocol, `ERR_ABORTED`.
   */
  dial(address: string, protocol: string, options?: DialOptions): Promise<Channel>
  /** Serves a protocol: the channel is closed when `onChannel` resolves, and dropped when it rejects. */
  serve(
    protocol: string,
    onChannel: (channel: Channel) => Promise<void>,
    options?: ServeOptions,
  ): Promise<void>
  /** Drops every channel and stops listening. */
  stop(): Promise<void>
}

interface KeptOptions {
  readonly idleTimeout?: Milliseconds
  readonly onOver?: () => void
}

/** Starts a network. Throws `ERR_UNREACHABLE` when it cannot listen where it is told to. */
export async function createNetwork(init: NetworkInit): Promise<Network> {
  const { clock, onError } = init
  const node = await startNode(init)
  const local = node.peerId.toString()
  const live = new Set<Channel>()

  const channelOver = (stream: Stream, remote: PeerId, options: KeptOptions): Channel => {
    const { onOver, idleTimeout } = options
    const channel = streamChannel(stream, {
      local,
      remote,
      clock,
      ...(idleTimeout === undefined ? {} : { idleTimeout }),
      onOver() {
        live.delete(channel)
        onOver?.()
      },
    })
    live.add(channel)
    return channel
  }

  return {
    peerId: local,
    addresses: () => node.getMultiaddrs().map(String),
    async dial(address, protocol, { signal, ...options } = {}) {
      const { multiaddr, remote } = parseAddress(address)
      const deadline = AbortSignal.timeout(DIAL_TIMEOUT)
      try {
        const stream = await node.dialProtocol(multiaddr, protocol, {
          signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
        })
        return channelOver(stream, remote, options)
      } catch (cause) {
        // A connection that no longer answers must not be taken for the next dial.
        if (deadline.aborted) dropConnections(node, remote)
        throw dialError(cause, signal)
      }
    },
    async serve(protocol, onChannel, options = {}) {
      const { allow = () => true, maxChannelsPerPeer = MAX_CHANNELS_PER_PEER, ...rest } = options
      const open = channelCounter(maxChannelsPerPeer)
      const onStream = async (stream: Stream, connection: Connection): Promise<void> => {
        const remote = connection.remotePeer.toString()
        if (!allow(remote) || !open.enter(remote)) {
          stream.abort(new MunimentError('ERR_REFUSED', 'this peer may not open a channel now'))
          return
        }
        const channel = channelOver(stream, remote, { ...rest, onOver: () => open.leave(remote) })
        await serveChannel(channel, onChannel).catch((error: unknown) => onError?.(error, protocol))
      }
      await node.handle(protocol, onStream, { maxInboundStreams: maxChannelsPerPeer })
    },
    async stop() {
      for (const channel of live) channel.abort(new Error('the network stops'))
      await node.stop()
    },
  }
}

async function serveChannel(channel: Channel, onChannel: (channel: Channel) => Promise<void>): Promise<void> {
  try {
    await onChannel(channel)
    await channel.close()
    // Half a stream stays open until the peer has closed too; what it still sends has no reader.
    while ((await channel.receive()) !== undefined);
  } catch (error) {
    channel.abort(
      error instanceof Error ? error : new Error('the server of this channel failed', { cause: error }),
    )
    if (!isMunimentError(error, 'ERR_CHANNEL_CLOSED')) throw error
  }
}

async function startNode(init: NetworkInit): Promise<Libp2p> {
  if (init.transportKey.length !== SEED_LENGTH) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', `a transport key has ${SEED_LENGTH} bytes`)
  }
  const { discovery } = init
  let node: Libp2p | undefined
  const hasTooMany = (peer: Libp2pPeerId): boolean =>
    (node?.getConnections(peer).length ?? 0) >= MAX_CONNECTIONS_PER_PEER
  try {
    node = await createLibp2p({
      privateKey: await transportPrivateKey(init.transportKey),
      addresses: { listen: [...(init.listen ?? [])] },
      nodeInfo: { name: AGENT, version: '1', userAgent: AGENT },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [
        yamux({
          maxInboundStreams: MAX_STREAMS_PER_CONNECTION,
          maxEarlyStreams: MAX_STREAMS_PER_CONNECTION,
          streamOptions: { maxStreamWindowSize: MAX_STREAM_WINDOW },
        }),
      ],
      services: { identify: identify() },
      peerDiscovery: discovery ? [mdns({ serviceTag: discovery.serviceTag })] : [],
      connectionGater: { denyInboundEncryptedConnection: hasTooMany },
      connectionManager: {
        maxConnections: MAX_CONNECTIONS,
        inboundConnectionThreshold: MAX_CONNECTIONS_PER_SECOND,
        maxIncomingPendingConnections: MAX_PENDING_CONNECTIONS,
        inboundUpgradeTimeout: HANDSHAKE_TIMEOUT,
        dialTimeout: DIAL_TIMEOUT,
      },
      // yamux sends keep-alives of its own, and a channel knows its own time-outs.
      connectionMonitor: { enabled: false },
    })
  } catch (cause) {
    throw new MunimentError('ERR_UNREACHABLE', 'this device cannot listen on the addresses it was given', {
      cause,
    })
  }
  if (discovery) {
    node.addEventListener('peer:discovery', ({ detail }) => {
      discovery.onPeer(detail.multiaddrs.map((address) => withPeerId(String(address), detail.id.toString())))
    })
  }
  return node
}

function withPeerId(address: string, peer: PeerId): string {
  return address.includes('/p2p/') ? address : `${address}/p2p/${peer}`
}

function dropConnections(node: Libp2p, remote: PeerId): void {
  for (const connection of node.getConnections()) {
    if (connection.remotePeer.toString() === remote) connection.abort(new Error('the peer does not answer'))
  }
}
