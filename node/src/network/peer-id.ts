import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { PeerId } from '@muniment/interface'

/** The libp2p private key of a transport key: 32 bytes, the seed of an Ed25519 key used for nothing else. */
export function transportPrivateKey(transportKey: Uint8Array): Promise<PrivateKey> {
  return generateKeyPairFromSeed('Ed25519', transportKey)
}

/** The peer id that a transport key gives a device on the network. */
export async function peerIdOf(transportKey: Uint8Array): Promise<PeerId> {
  return peerIdFromPrivateKey(await transportPrivateKey(transportKey)).toString()
}
