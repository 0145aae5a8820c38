import { nodeClock, nodeCryptography, nodeRandom } from 'muniment/platform'
import { createNetwork, type Network } from 'muniment/network'
import { capabilityLink, openReplicaHost, REPLICA_PROTOCOL, type ReplicaHost } from 'muniment/replicas'

/** A host of replicas on loopback, over libp2p. */
export interface TestingHost {
  readonly host: ReplicaHost
  readonly network: Network
  /** A link to a new grant. */
  link(quota?: number): Promise<string>
  stop(): Promise<void>
}

const ENOUGH = 1 << 30

export async function startHost(folder: string): Promise<TestingHost> {
  const host = await openReplicaHost({
    folder,
    cryptography: nodeCryptography,
    random: nodeRandom,
    clock: nodeClock,
  })
  const listen = ['/ip4/127.0.0.1/tcp/0']
  const network = await createNetwork({ transportKey: nodeRandom(32), listen, clock: nodeClock })
  await network.serve(REPLICA_PROTOCOL, (channel) => host.serve(channel))
  return {
    host,
    network,
    async link(quota = ENOUGH) {
      const { id, key } = await host.grant({ quota })
      return capabilityLink({ addresses: network.addresses(), id: Buffer.from(id, 'hex'), key })
    },
    async stop() {
      await host.close()
      await network.stop()
    },
  }
}
