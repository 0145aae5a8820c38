import type { Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

/** A peer without our manners: it writes what bytes it likes. */
export interface RawPeer {
  open(address: string, protocol: string): Promise<Stream>
  /** Resolves when the other end has dropped the stream. */
  dropped(stream: Stream): Promise<void>
  stop(): Promise<void>
}

/** A peer that speaks libp2p and nothing above it. */
export async function rawPeer(): Promise<RawPeer> {
  const node = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  })
  return {
    open: (address, protocol) => node.dialProtocol(multiaddr(address), protocol),
    dropped: (stream) =>
      new Promise((resolve) => {
        if (stream.status === 'open') stream.addEventListener('close', () => resolve())
        else resolve()
      }),
    async stop() {
      await node.stop()
    },
  }
}
