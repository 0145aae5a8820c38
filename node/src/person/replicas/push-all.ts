import { isMunimentError } from '@muniment/interface'
import type { ReplicaOptions } from '@muniment/replicas'
import type { OwnReplicas } from './own-replicas.ts'

/**
 * Brings all replicas up to date that can be reached; one that fails says so in its status. Those that were first are
 * looked at once more: what this device tells the others of one replica is an entry that all of them get.
 */
export async function pushAll(
  replicas: Pick<OwnReplicas, 'replicas' | 'pushReplica'>,
  options: ReplicaOptions,
): Promise<void> {
  for (const { id } of await replicas.replicas()) await pushQuietly(replicas, id, options)
  for (const { id, waiting, problem } of await replicas.replicas())
    if (waiting > 0 && !problem) await pushQuietly(replicas, id, options)
}

async function pushQuietly(
  replicas: Pick<OwnReplicas, 'pushReplica'>,
  id: string,
  options: ReplicaOptions,
): Promise<void> {
  await replicas.pushReplica(id, options).catch((error: unknown) => {
    if (!isMunimentError(error) || error.code === 'ERR_ABORTED') throw error
  })
}
