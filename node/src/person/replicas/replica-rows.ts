import { fromCanonical, toCanonical } from '@muniment/crypto'
import { type Milliseconds, MunimentError, type Store, type VersionVector } from '@muniment/interface'
import * as v from 'valibot'
import { parsePlace, type ReplicaPlace } from './replica-place.ts'

const STATE = 'replica-state'
const PLACE = 'replica-place'

/** What this device knows of a replica; it stays on the device. */
export interface ReplicaState {
  /** When everything that was here was last on the replica, written and read back. */
  readonly confirmedAt?: Milliseconds | undefined
  /** How far the logs were then. */
  readonly confirmed: VersionVector
  /** The hash of the keyring then. */
  readonly keyring?: Uint8Array | undefined
  /** Key ids of the recovery members that were let in last. */
  readonly admitted?: readonly string[] | undefined
  /** When this device last told the others what it saw there. */
  readonly toldAt?: Milliseconds | undefined
  readonly problem?: ReplicaFailure | undefined
  /** The last sweep of erased entries that the replica was told to forget. */
  readonly forgotten?: number | undefined
  /** True when its place lets nothing be removed: what was erased lies there, sealed with keys that are gone. */
  readonly keepsErased?: boolean | undefined
}

/** Why the last push failed. */
export interface ReplicaFailure {
  readonly code: string
  readonly message: string
  /** Since when it has failed. */
  readonly since: Milliseconds
}

const time = v.pipe(v.number(), v.safeInteger())
const schema: v.GenericSchema<unknown, ReplicaState> = v.strictObject({
  confirmedAt: v.optional(time),
  confirmed: v.record(v.string(), time),
  keyring: v.optional(v.instance(Uint8Array)),
  admitted: v.optional(v.array(v.string())),
  toldAt: v.optional(time),
  forgotten: v.optional(time),
  keepsErased: v.optional(v.boolean()),
  problem: v.optional(v.strictObject({ code: v.string(), message: v.string(), since: time })),
})

/** What is known before the first push. */
export const NOTHING_CONFIRMED: ReplicaState = { confirmed: {} }

/** What this device knows of each replica. */
export async function readReplicaStates(store: Store): Promise<Map<string, ReplicaState>> {
  const states = new Map<string, ReplicaState>()
  for await (const { key, value } of store.listNames(STATE)) {
    const parsed = v.safeParse(schema, fromCanonical(value))
    if (!parsed.success)
      throw new MunimentError('ERR_STORE_DAMAGED', 'what is known of a replica does not read')
    states.set(key, parsed.output)
  }
  return states
}

/** Keeps what is known of a replica, or (`undefined`) forgets it. */
export async function keepReplicaState(
  store: Store,
  id: string,
  state: ReplicaState | undefined,
): Promise<void> {
  const value = state && toCanonical({ ...state, problem: state.problem && { ...state.problem } })
  await store.commit([{ table: STATE, key: id, value }])
}

/** Where a replica is on this device, when that is another place than where it was added: folders differ by machine. */
export async function readOwnPlace(store: Store, id: string): Promise<ReplicaPlace | undefined> {
  const row = await store.get(PLACE, id)
  return row && parsePlace(fromCanonical(row))
}

/** Keeps or (`undefined`) forgets it. */
export async function keepOwnPlace(store: Store, id: string, place: ReplicaPlace | undefined): Promise<void> {
  await store.commit([{ table: PLACE, key: id, value: place && toCanonical({ ...place }) }])
}
