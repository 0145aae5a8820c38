import {
  type Cryptography,
  type DeviceId,
  type EpochId,
  MunimentError,
  type VaultId,
} from '@muniment/interface'
import {
  type ReceivedOperation,
  type ResolvedRoster,
  resolveRoster,
  type RosterDevice,
} from './resolve-roster.ts'
import { epochOf, parseOperation, vaultIdOf } from './roster-operation.ts'
import type { GrantedRoster, KeptOperation } from './roster-rows.ts'

/** What the roster comes to at one moment. */
export interface RosterView extends ResolvedRoster {
  readonly isGranted: boolean
  readonly epoch: EpochId
  readonly byId: ReadonlyMap<DeviceId, RosterDevice>
  readonly known: ReadonlySet<string>
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
  const isGranted = granted !== undefined && !resolved.devices.some(({ id }) => id === device)
  const own = new Set(resolved.devices.map(({ id }) => id))
  const given = isGranted ? granted.devices.filter(({ id }) => !own.has(id)) : []
  const devices = [...resolved.devices, ...given]
  const heads = isGranted ? granted.heads : resolved.heads
  const standing = resolved.operations.filter(
    ({ standing }) => standing === 'applied' || standing === 'not_understood',
  )
  return {
    operations: resolved.operations,
    devices,
    heads,
    isGranted,
    epoch: epochOf(cryptography, heads),
    byId: new Map(devices.map((one) => [one.id, one])),
    known: new Set([...standing.map(({ id }) => id), ...(isGranted ? heads : [])]),
  }
}

/** An operation as the resolution takes it. */
export function receivedOperation(
  cryptography: Cryptography,
  id: string,
  { author, seq, bytes }: KeptOperation,
): ReceivedOperation {
  return { id, author, seq, operation: parsedOrUnreadable(bytes), asGenesis: vaultIdOf(cryptography, bytes) }
}

/** Bytes that are no operation at all are kept and shown too, and stand in the way of nothing. */
function parsedOrUnreadable(bytes: Uint8Array): ReceivedOperation['operation'] {
  try {
    return parseOperation(bytes)
  } catch (error) {
    if (!(error instanceof MunimentError)) throw error
    return { op: 'unreadable', prev: [] }
  }
}
