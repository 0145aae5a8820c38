import { isMunimentError, MunimentError } from '@muniment/interface'
import type { PushReport, ReplicaOptions, Replicas } from '@muniment/replicas'
import { nodeClock } from '../../platform/index.ts'
import type { PersonParts } from '../open-parts.ts'
import { isDue, pushReplica, waitingEntries } from './push-replica.ts'
import { readReplicaEntries, type ReplicaEntry } from './replica-entries.ts'
import { locationOf } from './replica-place.ts'
import {
  keepOwnPlace,
  keepReplicaState,
  NOTHING_CONFIRMED,
  readOwnPlace,
  readReplicaStates,
  type ReplicaFailure,
  type ReplicaState,
} from './replica-rows.ts'
import type { ReplicaStatus } from './replica-status.ts'
import { type OpenReplica, replicasOf, withReplica } from './with-replica.ts'

/** The replicas of a vault with what this device knows of each. */
export interface ReplicaStates {
  readonly replicas: Replicas
  entries(): Promise<readonly ReplicaEntry[]>
  statusOf(entry: ReplicaEntry): Promise<ReplicaStatus>
  isDue(id: string): boolean
  /** Opens a replica and uses it; uses of one replica take turns. */
  use<T>(entry: ReplicaEntry, work: (open: OpenReplica) => Promise<T>): Promise<T>
  /** Brings it up to date, and notes that, or why not. */
  push(entry: ReplicaEntry, options?: ReplicaOptions): Promise<PushReport>
  forget(id: string): Promise<void>
}

/** Reads what this device knows of the replicas. */
export async function openReplicaStates(
  parts: PersonParts,
  writable: () => Promise<void>,
): Promise<ReplicaStates> {
  const { store, vault } = parts
  const replicas = replicasOf(parts)
  const known = await readReplicaStates(store)
  const pushing = new Set<string>()
  const turns = new Map<string, Promise<unknown>>()
  const stateOf = (id: string): ReplicaState => known.get(id) ?? NOTHING_CONFIRMED

  async function keep(id: string, state: ReplicaState): Promise<void> {
    known.set(id, state)
    await keepReplicaState(store, id, state)
  }

  async function use<T>(entry: ReplicaEntry, work: (open: OpenReplica) => Promise<T>): Promise<T> {
    const last = turns.get(entry.id) ?? Promise.resolve()
    const next = last.catch(() => undefined).then(() => withReplica({ parts, replicas }, entry, work))
    turns.set(entry.id, next)
    return next
  }

  async function push(entry: ReplicaEntry, options: ReplicaOptions): Promise<PushReport> {
    const { id } = entry
    pushing.add(id)
    try {
      return await use(entry, async (open) => {
        const pushed = await pushReplica({ parts, open, state: stateOf(id), writable, options })
        await keep(id, pushed.state)
        return pushed.report
      })
    } catch (error) {
      if (!isMunimentError(error, 'ERR_ABORTED')) await noteFailure(id, error)
      throw error
    } finally {
      pushing.delete(id)
    }
  }

  async function noteFailure(id: string, error: unknown): Promise<void> {
    if (isMunimentError(error, 'ERR_STORE_CLOSED')) return
    await keep(id, { ...stateOf(id), problem: failureOf(error, stateOf(id).problem) })
  }

  return {
    replicas,
    entries: () => readReplicaEntries(vault),
    isDue: (id) => isDue(parts, stateOf(id)),
    use,
    push: (entry, options = {}) => push(entry, options),
    statusOf: (entry) =>
      statusOf(parts, entry, { state: stateOf(entry.id), isPushing: pushing.has(entry.id) }),
    async forget(id) {
      known.delete(id)
      await keepReplicaState(store, id, undefined)
      await keepOwnPlace(store, id, undefined)
    },
  }
}

async function statusOf(
  parts: PersonParts,
  { id, name, ...entry }: ReplicaEntry,
  { state, isPushing }: { readonly state: ReplicaState; readonly isPushing: boolean },
): Promise<ReplicaStatus> {
  const place = (await readOwnPlace(parts.store, id)) ?? entry.place
  return {
    id,
    name,
    kind: place?.kind ?? 'unknown',
    location: place ? locationOf(place) : '',
    confirmedAt: state.confirmedAt,
    waiting: waitingEntries(parts, state),
    isPushing,
    keepsErased: state.keepsErased,
    problem: state.problem,
  }
}

function failureOf(error: unknown, before: ReplicaFailure | undefined): ReplicaFailure {
  const code = error instanceof MunimentError ? error.code : 'ERR_INTERNAL'
  const message = error instanceof Error ? error.message : String(error)
  return { code, message, since: before?.code === code ? before.since : nodeClock.now() }
}
