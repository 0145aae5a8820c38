import {
  type Cryptography,
  type DeviceId,
  type Milliseconds,
  REPLICA_OBJECT_SIZES,
  type ReplicaCallOptions,
  type ReplicaStorage,
  type VaultId,
} from '@muniment/interface'
import type { LogHead } from '@muniment/log'
import type { Anchor } from './anchor.ts'
import { HEAD_PREFIX, MAX_HEADS } from './constants.ts'
import { openOpening } from './opening.ts'
import { replicaKeys } from './replica-keys.ts'
import { readState } from './replica-state.ts'
import { listing } from './listing.ts'

/** What a replica says of itself, before there is a vault to restore it into. */
export interface ReplicaSummary {
  readonly vault: VaultId
  /** How far the logs of those who wrote here were. */
  readonly heads: Readonly<Record<DeviceId, LogHead>>
  /** The newest anchor that each device left here. */
  readonly anchors: readonly Anchor[]
  /** When the newest of them was written, by its writer's clock. */
  readonly at: Milliseconds
  readonly packs: number
}

/** What looking at a replica needs. */
export interface LookComponents {
  readonly cryptography: Cryptography
  readonly storage: ReplicaStorage
}

/** Says whose vault lies there, or `undefined` when no head of this replica is there. */
export async function lookAtReplica(
  { cryptography, storage }: LookComponents,
  secret: Uint8Array,
  options: ReplicaCallOptions = {},
): Promise<ReplicaSummary | undefined> {
  const keys = replicaKeys(cryptography, secret)
  const context = { cryptography, storage, keys, knownIndexes: new Map(), isMember: () => true }
  const { current, heads, anchors, packs } = await readState(context, options)
  const [head] = current
  if (!head) return undefined
  return {
    vault: head.content.vault,
    heads,
    anchors: [...anchors.values()],
    at: Math.max(0, ...[...anchors.values()].map(({ at }) => at)),
    packs: packs.size,
  }
}

/**
 * Finds the secret of a replica with a recovery key that it was opened to (`Replica.admit`), or gives `undefined`. Where
 * several vaults lie in one place, the key finds its own.
 */
export async function recoverReplicaSecret(
  { cryptography, storage }: LookComponents,
  recoveryKey: Uint8Array,
  options: ReplicaCallOptions = {},
): Promise<Uint8Array | undefined> {
  let tries = 0
  for await (const { name, size } of listing(storage, HEAD_PREFIX, options)) {
    if (size !== REPLICA_OBJECT_SIZES[0]) continue
    if (++tries > MAX_HEADS) return undefined
    const bytes = await storage.get(name, options)
    const secret = bytes && openOpening(cryptography, bytes, recoveryKey)
    if (secret) return secret
  }
  return undefined
}
