import type { ReplicaOptions } from '@muniment/replicas'
import { recoverReplicaSecret } from '@muniment/replicas'
import { nodeCryptography } from '../../platform/index.ts'
import type { PersonParts } from '../open-parts.ts'
import type { ReplicaState } from '../replicas/replica-rows.ts'
import type { OpenReplica } from '../replicas/with-replica.ts'
import { countedMembers } from './recovery-cards.ts'

/**
 * Lets the vault's recovery members find the replica's secret on the replica itself, so that words and replica are
 * enough. Done again when they change, and when what lies there does not open for one of them: another device may have
 * written it before it heard.
 *
 * @returns the key ids of those that are let in
 */
export async function admitMembers(
  { vault, roster }: PersonParts,
  { replica, storage }: OpenReplica,
  { admitted, options }: { readonly admitted: ReplicaState['admitted']; readonly options: ReplicaOptions },
): Promise<ReplicaState['admitted']> {
  const { members, isWhole } = await countedMembers(vault, roster)
  // What was let in stays until all cards are here.
  if (!isWhole || (members.length === 0 && admitted === undefined)) return admitted
  const wanted = members.map(({ card }) => card.keyId).sort()
  const isSame = admitted?.join() === wanted.join()
  const keys = members.map(({ card }) => card.replicaKey)
  if (isSame && (await allOpen(storage, keys, options))) return wanted
  await replica.admit(keys, options)
  return wanted
}

async function allOpen(
  storage: OpenReplica['storage'],
  keys: readonly Uint8Array[],
  options: ReplicaOptions,
): Promise<boolean> {
  for (const key of keys) {
    if (!(await recoverReplicaSecret({ cryptography: nodeCryptography, storage }, key, options))) return false
  }
  return true
}
