import { isMunimentError, MunimentError, type ReplicaStorage } from '@muniment/interface'
import { openReplicas, type Replica, type Replicas } from '@muniment/replicas'
import { nodeClock, nodeCryptography, nodeRandom } from '../../platform/index.ts'
import type { PersonParts } from '../open-parts.ts'
import { readSeenThere, type ReplicaEntry } from './replica-entries.ts'
import { openPlace } from './open-place.ts'
import type { ReplicaPlace } from './replica-place.ts'
import { readOwnPlace } from './replica-rows.ts'

/** The replicas of a vault, written to by this device. */
export function replicasOf({ log, keyring, roster, store, signer }: PersonParts): Replicas {
  const components = { cryptography: nodeCryptography, random: nodeRandom, clock: nodeClock }
  return openReplicas({ ...components, log, keyring, roster, store, signer })
}

/** A replica while its place is open. */
export interface OpenReplica {
  readonly replica: Replica
  readonly storage: ReplicaStorage
}

/** Where this device finds a replica. Throws `ERR_UNSUPPORTED` for a kind of place that this version does not know. */
export async function placeOf({ store }: PersonParts, entry: ReplicaEntry): Promise<ReplicaPlace> {
  const place = (await readOwnPlace(store, entry.id)) ?? entry.place
  if (place) return place
  throw new MunimentError('ERR_UNSUPPORTED', 'this replica was added by a newer version of Muniment')
}

/** Opens a replica's place for as long as `use` takes, with what other devices saw there in mind. */
export async function withReplica<T>(
  { parts, replicas }: { readonly parts: PersonParts; readonly replicas: Replicas },
  entry: ReplicaEntry,
  use: (open: OpenReplica) => Promise<T>,
): Promise<T> {
  const storage = await openPlace(await placeOf(parts, entry))
  try {
    const replica = replicas.open({ storage, secret: entry.secret })
    for (const seen of await readSeenThere(parts.vault, entry.id)) await hear(replica, seen)
    return await use({ replica, storage })
  } finally {
    await storage.close()
  }
}

/** What a device of the vault tells is signed anchor by anchor; what does not read is passed over. */
async function hear(replica: Replica, seen: Uint8Array): Promise<void> {
  try {
    await replica.remember(seen)
  } catch (error) {
    if (!isMunimentError(error, 'ERR_MALFORMED') && !isMunimentError(error, 'ERR_BAD_SIGNATURE')) throw error
  }
}
