import type { CheckOptions, CheckReport, PushReport, ReplicaOptions } from '@muniment/replicas'
import type { PersonParts } from '../open-parts.ts'
import { addReplica } from './add-replica.ts'
import { findReplica } from './find-replica.ts'
import { removeReplicaEntry } from './replica-entries.ts'
import { type ReplicaKeeping, replicaKeeping } from './replica-keeping.ts'
import type { ReplicaPlace } from './replica-place.ts'
import type { ReplicaStatus } from './replica-status.ts'
import { openReplicaStates, type ReplicaStates } from './replica-states.ts'

/** The sealed copies of a vault at places that are trusted with nothing. A replica is named by its name or id. */
export interface OwnReplicas {
  /**
   * Adds a replica, or tells where one of the vault's lies on this device. Nothing is uploaded yet. Throws
   * `ERR_ALREADY_EXISTS`, `ERR_REPLICA_UNREACHABLE` and `ERR_REPLICA_REFUSED`; then nothing was added.
   */
  addReplica(place: ReplicaPlace, options?: { readonly name?: string | undefined }): Promise<ReplicaStatus>
  /** The replicas, the oldest first. */
  replicas(): Promise<readonly ReplicaStatus[]>
  /**
   * Uploads what is missing there, now: a replica of a vault that is online is kept up to date without. Throws
   * `ERR_NOT_FOUND`, `ERR_REPLICA_ROLLED_BACK` for one that has lost what it had, and what its place throws.
   */
  pushReplica(which: string, options?: ReplicaOptions): Promise<PushReport>
  /** Compares what is there with what should be, by reading it. */
  checkReplica(which: string, options?: CheckOptions): Promise<CheckReport>
  /** Writes again what is missing or damaged there. */
  repairReplica(which: string, options?: ReplicaOptions): Promise<PushReport>
  /** Takes it off the list of every device. What lies there stays: it is sealed, and to be deleted by hand. */
  removeReplica(which: string): Promise<void>
}

/** The replicas of a vault, with what keeps them up to date while it is online. */
export async function ownReplicas(
  parts: PersonParts,
  writable: () => Promise<void>,
): Promise<OwnReplicas & { readonly keeping: ReplicaKeeping }> {
  const states = await openReplicaStates(parts, writable)
  const find = findReplica.bind(undefined, parts)
  return {
    keeping: replicaKeeping(parts, states),
    async addReplica(place, options = {}) {
      await writable()
      return states.statusOf(await addReplica({ parts, states }, place, options))
    },
    async replicas() {
      const entries = await states.entries()
      return Promise.all(entries.map((entry) => states.statusOf(entry)))
    },
    pushReplica: async (which, options) => states.push(await find(which), options),
    checkReplica: async (which, options = {}) =>
      states.use(await find(which), ({ replica }) => replica.check(options)),
    repairReplica: async (which, options) => repair(states, await find(which), options),
    async removeReplica(which) {
      const { id } = await find(which)
      await writable()
      await removeReplicaEntry(parts.vault, id)
      await states.forget(id)
    },
  }
}

/** What was given back stands; then what is new here follows. */
async function repair(
  states: ReplicaStates,
  entry: Parameters<ReplicaStates['push']>[0],
  options: ReplicaOptions = {},
): Promise<PushReport> {
  const repaired = await states.use(entry, ({ replica }) => replica.repair(options))
  await states.push(entry, options)
  return repaired
}
