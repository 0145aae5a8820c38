import type { Channel } from '@muniment/interface'
import { MunimentError } from '@muniment/interface'
import { createNetwork } from '../network/index.ts'
import { nodeClock } from '../platform/index.ts'

/** Whom to dial, and as whom. */
export interface PairwiseDial {
  /** The seed of the network key that this organisation alone sees. */
  readonly transportKey: Uint8Array
  readonly addresses: readonly string[]
}

/**
 * Talks with an organisation under a network identity of its own: two organisations that compare notes find no common
 * peer id. Throws `ERR_UNREACHABLE` when none of the addresses answers.
 */
export async function dialPairwise<T>(
  { transportKey, addresses }: PairwiseDial,
  talk: (dial: (protocol: string) => Promise<Channel>) => Promise<T>,
): Promise<T> {
  const network = await createNetwork({ transportKey, listen: [], clock: nodeClock })
  try {
    return await talk(async (protocol) => {
      let last: unknown = new MunimentError('ERR_UNREACHABLE', 'the organisation gave no address')
      for (const address of addresses) {
        try {
          return await network.dial(address, protocol)
        } catch (error) {
          last = error
        }
      }
      throw last
    })
  } finally {
    await network.stop()
  }
}
