import { MunimentError, type ReplicaStorage } from '@muniment/interface'
import { lookAtReplica, makeReplicaSecret } from '@muniment/replicas'
import { nodeClock, nodeCryptography, nodeRandom } from '../../platform/index.ts'
import type { PersonParts } from '../open-parts.ts'
import { type ReplicaEntry, writeReplicaEntry } from './replica-entries.ts'
import { openPlace } from './open-place.ts'
import { locationOf, type ReplicaPlace, usualName } from './replica-place.ts'
import { keepOwnPlace } from './replica-rows.ts'
import type { ReplicaStates } from './replica-states.ts'
import { placeOf } from './with-replica.ts'

/** Adds a replica at a place; one of the vault's that lies there already is found again. */
export async function addReplica(
  { parts, states }: { readonly parts: PersonParts; readonly states: ReplicaStates },
  place: ReplicaPlace,
  { name }: { readonly name?: string | undefined },
): Promise<ReplicaEntry> {
  const entries = await states.entries()
  const storage = await openPlace(place, { isNew: true })
  try {
    const there = await findThere(entries, storage)
    if (there) return await tellPlace(parts, there, place)
    const secret = makeReplicaSecret(nodeRandom)
    const { id } = states.replicas.open({ storage, secret })
    const wanted = name ?? usualName(place)
    const entry = { id, name: freeName(entries, wanted), place, secret, addedAt: nodeClock.now() }
    await writeReplicaEntry(parts.vault, entry)
    return entry
  } finally {
    await storage.close()
  }
}

async function findThere(
  entries: readonly ReplicaEntry[],
  storage: ReplicaStorage,
): Promise<ReplicaEntry | undefined> {
  for (const entry of entries) {
    if (await lookAtReplica({ cryptography: nodeCryptography, storage }, entry.secret)) return entry
  }
  // A place that cannot be read at all says so here, before anything is added.
  for await (const _object of storage.list('')) break
  return undefined
}

async function tellPlace(
  parts: PersonParts,
  entry: ReplicaEntry,
  place: ReplicaPlace,
): Promise<ReplicaEntry> {
  if (locationOf(await placeOf(parts, entry)) === locationOf(place)) {
    throw new MunimentError('ERR_ALREADY_EXISTS', `this is the replica ${entry.name} of this vault already`)
  }
  await keepOwnPlace(parts.store, entry.id, place)
  return entry
}

function freeName(entries: readonly ReplicaEntry[], wanted: string): string {
  const taken = new Set(entries.map(({ name }) => name))
  let name = wanted
  for (let number = 2; taken.has(name); number++) name = `${wanted} ${number}`
  return name
}
