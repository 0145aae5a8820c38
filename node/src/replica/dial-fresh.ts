import type { Channel } from '@muniment/interface'
import { createNetwork, type Network } from '../network/index.ts'
import { nodeClock, nodeRandom } from '../platform/index.ts'

const KEY_LENGTH = 32

/** Dials under a network identity of its own. */
export interface FreshDial {
  readonly dial: (
    address: string,
    protocol: string,
    options?: { readonly signal?: AbortSignal },
  ) => Promise<Channel>
  stop(): Promise<void>
}

/** An identity that is made for this alone, with the first dial, and kept nowhere: whom it dials cannot know it again. */
export function dialFresh(): FreshDial {
  let network: Promise<Network> | undefined
  return {
    async dial(address, protocol, options) {
      network ??= createNetwork({ transportKey: nodeRandom(KEY_LENGTH), listen: [], clock: nodeClock })
      return (await network).dial(address, protocol, options)
    },
    async stop() {
      await (await network)?.stop()
      network = undefined
    },
  }
}
