import {
  type Cryptography,
  type DeviceId,
  type EpochId,
  MunimentError,
  type VaultId,
} from '@muniment/interface'
import { base64url, hashInDomain, toCanonical } from '@muniment/crypto'
import { isSignedByKit } from './kit-acts.ts'
import type { ReceivedOperation } from './placed.ts'
import { type ResolvedRoster, resolveRoster, type RosterDevice } from './resolve-roster.ts'
import { epochOf, parseOperation, type RosterOperation, vaultIdOf } from './roster-operation.ts'
import type { GrantedRoster, KeptOperation } from './roster-rows.ts'

/** Where a device's log ends, as the log says it of its head. */
export interface LogEnd {
  /** Its last entry that counts; 0 for none. */
  readonly seq: number
  /** base64url of the hash of the frame that ends there; empty for none, and where a device left by itself. */
  readonly hash: string
}

/** What the roster comes to at one moment. */
export interface RosterView extends ResolvedRoster {
  readonly isGranted: boolean
  readonly epoch: EpochId
  readonly byId: ReadonlyMap<DeviceId, RosterDevice>
  /** The operations that have arrived with all that lies before them, void ones too. */
  readonly known: ReadonlySet<string>
  /** Client ids of all devices that ever had one. */
  readonly clientIds: ReadonlyMap<DeviceId, number>
  /** Where the logs of devices that are no longer, or never were, in the vault end. */
  readonly cuts: ReadonlyMap<DeviceId, LogEnd>
  /** What data keys made now are marked with: see {@link generationOf}. */
  readonly generation: string
}

/** Who looks: whose vault, from which device, with what pairing granted. */
export interface RosterViewer {
  readonly vault: VaultId
  readonly device: DeviceId
  readonly granted: GrantedRoster | undefined
}

/** What the operations kept come to, with what pairing granted as long as the roster does not list this device. */
export function viewOf(
  cryptography: Cryptography,
  operations: readonly ReceivedOperation[],
  { vault, device, granted }: RosterViewer,
): RosterView {
  const resolved = resolveRoster(vault, operations)
  const ever = [...resolved.devices, ...resolved.removed, ...resolved.neverEnrolled]
  const isGranted = granted !== undefined && !ever.some(({ id }) => id === device)
  const own = new Set(ever.map(({ id }) => id))
  const given = isGranted ? granted.devices.filter(({ id }) => !own.has(id)) : []
  const devices = [...resolved.devices, ...given]
  const heads = isGranted ? granted.heads : resolved.heads
  return {
    ...resolved,
    devices,
    heads,
    isGranted,
    epoch: epochOf(cryptography, heads),
    byId: new Map(devices.map((one) => [one.id, one])),
    known: new Set([...resolved.placed, ...(isGranted ? heads : [])]),
    ...outside(resolved, devices),
    generation: generationOf(cryptography, resolved.turns),
  }
}

function outside(
  { removed, neverEnrolled }: ResolvedRoster,
  devices: readonly RosterDevice[],
): Pick<RosterView, 'clientIds' | 'cuts'> {
  const clientIds = [...neverEnrolled, ...removed, ...devices]
  return {
    clientIds: new Map(clientIds.map(({ id, clientId }) => [id, clientId])),
    cuts: new Map([
      ...neverEnrolled.map(({ id }) => [id, { seq: 0, hash: '' }] as const),
      ...removed.map(({ id, cut }) => [id, { seq: cut.seq, hash: base64url(cut.hash) }] as const),
    ]),
  }
}

/**
 * A name for who may know the keys: another one after each removal, each rotation and each new recovery member, and never
 * one that was before. Who was removed cannot guess it, as those operations are salted. Data keys made under one name
 * seal nothing under another.
 */
function generationOf(cryptography: Cryptography, turns: readonly string[]): string {
  return base64url(hashInDomain(cryptography, 'muniment/generation/1', toCanonical([...turns])))
}

/** An operation as the resolution takes it. */
export function receivedOperation(
  cryptography: Cryptography,
  vault: VaultId,
  { id, author, seq, bytes }: KeptOperation & { readonly id: string },
): ReceivedOperation {
  const operation = parsedOrUnreadable(bytes)
  const asGenesis = vaultIdOf(cryptography, bytes)
  return { id, author, seq, operation, asGenesis, isSigned: isByKit(cryptography, vault, operation) }
}

/** True for an operation of the recovery kit that the kit it names signed, for this vault. */
export function isByKit(cryptography: Cryptography, vault: VaultId, operation: RosterOperation): boolean {
  if (operation.op !== 'signed') return false
  return isSignedByKit(cryptography, { ...operation, vault }, operation.signature)
}

/** Bytes that are no operation at all are kept and shown too, and stand in the way of nothing. */
export function parsedOrUnreadable(bytes: Uint8Array): ReceivedOperation['operation'] {
  try {
    return parseOperation(bytes)
  } catch (error) {
    if (!(error instanceof MunimentError)) throw error
    return { op: 'unreadable', prev: [] }
  }
}
