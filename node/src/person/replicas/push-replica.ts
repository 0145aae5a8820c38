import { hashInDomain } from '@muniment/crypto'
import type { PushReport, ReplicaOptions } from '@muniment/replicas'
import { nodeClock, nodeCryptography } from '../../platform/index.ts'
import type { PersonParts } from '../open-parts.ts'
import { admitMembers } from '../recovery/admit-members.ts'
import { TELLING_INTERVAL } from './constants.ts'
import { forgetErased } from './forget-erased.ts'
import { tellSeenThere } from './replica-entries.ts'
import type { ReplicaState } from './replica-rows.ts'
import type { OpenReplica } from './with-replica.ts'

/** What a push needs. */
export interface PushInit {
  readonly parts: PersonParts
  readonly open: OpenReplica
  readonly state: ReplicaState
  readonly writable: () => Promise<void>
  readonly options: ReplicaOptions
}

/** How far the vault is, as a replica can be. */
export function presentState({ log, keyring }: PersonParts): Pick<ReplicaState, 'confirmed' | 'keyring'> {
  const confirmed = Object.fromEntries(Object.entries(log.heads()).map(([device, { seq }]) => [device, seq]))
  const bytes = keyring.bytes()
  if (!bytes) return { confirmed }
  return { confirmed, keyring: hashInDomain(nodeCryptography, 'muniment/pushed-keyring/1', bytes) }
}

/** How many log entries the replica is not known to have. */
export function waitingEntries({ log }: PersonParts, { confirmed }: ReplicaState): number {
  return Object.entries(log.heads()).reduce(
    (sum, [device, { seq }]) => sum + Math.max(0, seq - (confirmed[device] ?? 0)),
    0,
  )
}

/** True when the replica lacks entries, or the keyring changed. */
export function isDue(parts: PersonParts, state: ReplicaState): boolean {
  if (waitingEntries(parts, state) > 0) return true
  const { keyring } = presentState(parts)
  if (keyring === undefined || state.keyring === undefined) return keyring !== state.keyring
  return !nodeCryptography.equal(keyring, state.keyring)
}

/** Brings a replica up to date, and gives what is known of it from then on. */
export async function pushReplica({
  parts,
  open,
  state,
  writable,
  options,
}: PushInit): Promise<{ readonly state: ReplicaState; readonly report: PushReport }> {
  const toldAt = await tellOthers({ parts, open, state, writable, options })
  const present = presentState(parts)
  const forgetting = await forgetErased({ parts, open, state, options })
  const report = await open.replica.push(options)
  const admitted = await admitMembers(parts, open, { admitted: state.admitted, options })
  const known = { ...state, ...forgetting, ...present, toldAt, admitted, confirmedAt: nodeClock.now() }
  return { report, state: { ...known, problem: undefined } }
}

/** Now and then the other devices are told what was seen there, along with a change that is pushed anyway. */
async function tellOthers({
  parts,
  open: { replica },
  state,
  writable,
}: PushInit): Promise<number | undefined> {
  const { toldAt } = state
  const now = nodeClock.now()
  const isTold = toldAt !== undefined && now - toldAt < TELLING_INTERVAL
  const seen = isTold || !isDue(parts, state) ? undefined : await replica.memory()
  if (!seen) return toldAt
  await writable()
  await tellSeenThere(parts.vault, { id: replica.id, device: parts.keys.id, seen })
  return now
}
