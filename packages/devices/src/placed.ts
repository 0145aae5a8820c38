import type { DeviceId, VaultId } from '@muniment/interface'
import type { RosterOperation } from './roster-operation.ts'

/** An operation as it came in: what it says, and where in its author's log it stood. */
export interface ReceivedOperation {
  /** Its name, a hash. */
  readonly id: string
  /** The device whose log carried it. */
  readonly author: DeviceId
  /** The number of its entry there. */
  readonly seq: number
  readonly operation: RosterOperation
  /** The vault id that it would be the beginning of. */
  readonly asGenesis: VaultId
  /** For one of a recovery member: true when the member that it names signed it. */
  readonly isSigned: boolean
}

/** What an operation's author knew: for each log, by its number, how many of its placed operations. */
export type Past = Int32Array

/** An operation with its place in the walk. */
export interface Placed {
  readonly one: ReceivedOperation
  /** The number of the log that carried it. */
  readonly log: number
  /** Its number among that log's placed operations, from 1. */
  readonly number: number
  readonly past: Past
  /** Its authority: the smaller the higher. Those of recovery members are below zero. */
  readonly rank: number
  /** The operations that it names as the ones before it. */
  readonly prev: readonly Placed[]
  /** Why it can never have an effect, judged by its past alone. */
  readonly unsound: string | undefined
  /** How many devices its author had added before, in its log. */
  readonly adds: number
}

/** True when the author of an operation with this past knew that operation. */
export function knew(past: Past, { log, number }: Pick<Placed, 'log' | 'number'>): boolean {
  return (past[log] ?? 0) >= number
}

/** The devices that an operation enrols. */
export function addedBy({ operation }: ReceivedOperation): readonly DeviceId[] {
  if (operation.op === 'create' || operation.op === 'add') return [operation.device.id]
  return operation.op === 'signed' ? operation.acts.add.map(({ device }) => device.id) : []
}

/** The devices that an operation removes. */
export function removedBy({ operation }: ReceivedOperation): readonly DeviceId[] {
  if (operation.op === 'remove') return [operation.device]
  return operation.op === 'signed' ? operation.acts.remove.map(({ device }) => device) : []
}

/** Who acts by an operation: a device by its id, a recovery member by its own. */
export function actorOf({ operation, author }: ReceivedOperation): string {
  return operation.op === 'signed' ? operation.by : author
}
