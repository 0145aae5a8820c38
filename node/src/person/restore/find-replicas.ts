import type { RecoveryMember } from '@muniment/devices'
import {
  isMunimentError,
  MunimentError,
  type Problem,
  type ReplicaCallOptions,
  type ReplicaStorage,
  type VaultId,
} from '@muniment/interface'
import { type Anchor, lookAtReplica, recoverReplicaSecret } from '@muniment/replicas'
import { nodeCryptography as cryptography } from '../../platform/index.ts'
import { openPlace } from '../replicas/open-place.ts'
import { locationOf, type ReplicaPlace } from '../replicas/replica-place.ts'

/** A replica that the words (or the fragments) open, with its place open. */
export interface FoundReplica {
  readonly place: ReplicaPlace
  readonly storage: ReplicaStorage
  readonly secret: Uint8Array
  readonly vault: VaultId
  /** What devices signed there of how far they were. */
  readonly anchors: readonly Anchor[]
}

/** Replicas that open, and why the others do not. */
export interface FoundReplicas {
  readonly vault: VaultId
  readonly found: readonly FoundReplica[]
  readonly problems: readonly Problem[]
  close(): Promise<void>
}

/**
 * Finds a vault at these places with what the words alone give. Throws `ERR_NOT_FOUND` when they open nothing at any of
 * them, and `ERR_INVALID_ARGUMENT` when there are two vaults.
 */
export async function findReplicas(
  places: readonly ReplicaPlace[],
  member: RecoveryMember,
  options: ReplicaCallOptions,
): Promise<FoundReplicas> {
  const found: FoundReplica[] = []
  const problems: Problem[] = []
  const close = async (): Promise<void> => {
    await Promise.all(found.map(({ storage }) => storage.close()))
  }
  try {
    for (const place of places) {
      const looked = await lookThere(place, member, options)
      if ('code' in looked) problems.push(looked)
      else found.push(looked)
    }
    const [first] = found
    if (!first) throw new MunimentError('ERR_NOT_FOUND', nothingOpens(problems))
    if (found.some(({ vault }) => vault !== first.vault))
      throw new MunimentError('ERR_INVALID_ARGUMENT', 'these replicas are of two vaults: name those of one')
    return { vault: first.vault, found, problems, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function lookThere(
  place: ReplicaPlace,
  member: RecoveryMember,
  options: ReplicaCallOptions,
): Promise<FoundReplica | Problem> {
  const where = locationOf(place)
  let storage: ReplicaStorage | undefined
  try {
    storage = await openPlace(place)
    const secret = await recoverReplicaSecret({ cryptography, storage }, member.replicaKey, options)
    const summary = secret && (await lookAtReplica({ cryptography, storage }, secret, options))
    if (secret && summary) {
      return { place, storage, secret, vault: summary.vault, anchors: summary.anchors }
    }
    await storage.close()
    const message = secret
      ? `the replica at ${where} is there, but nothing that says what is in it can be read`
      : `nothing at ${where} opens with these words`
    return { code: secret ? 'no_head' : 'not_for_these_words', message }
  } catch (error) {
    await storage?.close()
    if (!isMunimentError(error) || error.code === 'ERR_ABORTED') throw error
    return { code: error.code, message: `${where}: ${error.message}` }
  }
}

function nothingOpens(problems: readonly Problem[]): string {
  const why = problems.map(({ message }) => message).join('; ')
  return `no replica opens: ${why === '' ? 'none was named' : why}`
}
