import type { PersonParts } from '../open-parts.ts'
import { readReplicaEntries } from '../replicas/replica-entries.ts'
import { locationOf } from '../replicas/replica-place.ts'
import { keepOwnPlace } from '../replicas/replica-rows.ts'
import { replicasOf } from '../replicas/with-replica.ts'
import type { FoundReplica } from './find-replicas.ts'

/** Where the replicas lie that were restored from: folders are elsewhere on another machine. */
export async function keepPlaces(parts: PersonParts, found: readonly FoundReplica[]): Promise<void> {
  const entries = await readReplicaEntries(parts.vault)
  for (const { place, storage, secret } of found) {
    const { id } = replicasOf(parts).open({ storage, secret })
    const entry = entries.find((one) => one.id === id)
    const isElsewhere = entry && (!entry.place || locationOf(entry.place) !== locationOf(place))
    if (isElsewhere) await keepOwnPlace(parts.store, id, place)
  }
}
