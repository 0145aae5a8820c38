import { fromBase64url } from '@muniment/crypto'
import { type DeviceId, MunimentError } from '@muniment/interface'
import type { LogHead } from '@muniment/log'
import { clientIdOfAdded } from './client-id.ts'
import { MAX_DEVICES, MAX_HEADS } from './constants.ts'
import { type EnrolledDevice, encodeOperation, parseOperation } from './roster-operation.ts'
import type { RosterView } from './roster-view.ts'

/** Of a device of whose log nothing is held, and of one that leaves: see the resolution. */
const NO_CUT = { seq: 0, hash: new Uint8Array(0) }

/** Enrols a device. */
export function addition(view: RosterView, adder: DeviceId, added: EnrolledDevice): Uint8Array {
  checkAdded(view, adder, added)
  return checked(encodeOperation({ op: 'add', prev: prevOf(view, adder), device: added }))
}

/** Names a device. */
export function renaming(
  view: RosterView,
  author: DeviceId,
  { id, name }: { readonly id: DeviceId; readonly name: string },
): Uint8Array {
  checkListed(view, id)
  return checked(encodeOperation({ op: 'rename', prev: prevOf(view, author), device: id, name }))
}

/** What a removal says. */
export interface Removal {
  readonly id: DeviceId
  readonly retire: readonly string[]
  readonly salt: Uint8Array
  /** How far the device's log is held. */
  readonly head: LogHead | undefined
}

/** Takes a device out. */
export function removing(
  view: RosterView,
  author: DeviceId,
  { id, retire, salt, head }: Removal,
): Uint8Array {
  const prev = prevOf(view, author)
  checkListed(view, id)
  if (view.devices.length === 1)
    throw new MunimentError('ERR_LAST_DEVICE', 'the last device of a vault cannot be removed')
  const cut = head && id !== author ? { seq: head.seq, hash: fromBase64url(head.hash) } : NO_CUT
  const once = [...new Set(retire)].sort()
  return checked(encodeOperation({ op: 'remove', prev, device: id, cut, retire: once, salt }))
}

/** Begins an epoch with new keys. */
export function rotating(view: RosterView, author: DeviceId, salt: Uint8Array): Uint8Array {
  return checked(encodeOperation({ op: 'rotate', prev: prevOf(view, author), salt }))
}

/** Gives the author's new agreement key. */
export function agreeing(view: RosterView, author: DeviceId, key: Uint8Array): Uint8Array {
  return checked(encodeOperation({ op: 'agreement', prev: prevOf(view, author), key }))
}

function checkListed({ byId }: RosterView, id: DeviceId): void {
  if (!byId.has(id)) throw new MunimentError('ERR_NOT_FOUND', 'no device of this vault has that id')
}

/** What would be refused when read is not written. */
function checked(bytes: Uint8Array): Uint8Array {
  parseOperation(bytes)
  return bytes
}

function prevOf({ heads, isGranted, cuts }: RosterView, author: DeviceId): readonly string[] {
  if (cuts.has(author)) throw new MunimentError('ERR_REMOVED', 'this device was removed from the vault')
  if (isGranted) {
    throw new MunimentError('ERR_NOT_A_MEMBER', 'the roster has not arrived yet: let this device sync first')
  }
  // Whoever floods the graph with devices that all speak at once cannot keep the others from answering.
  return heads.slice(0, MAX_HEADS)
}

function checkAdded(
  { devices, byId, clientIds, operations }: RosterView,
  adder: DeviceId,
  added: EnrolledDevice,
): void {
  if (clientIds.has(added.id) || devices.some(({ transport }) => transport === added.transport)) {
    throw new MunimentError('ERR_ALREADY_EXISTS', 'this device is one of the vault already')
  }
  if (devices.length >= MAX_DEVICES)
    throw new MunimentError('ERR_TOO_LARGE', `a vault has at most ${MAX_DEVICES} devices`)
  const adds = operations.filter((one) => one.op === 'add' && one.by === adder).length
  if (clientIdOfAdded(byId.get(adder)?.clientId ?? 0, adds + 1) === undefined) {
    throw new MunimentError(
      'ERR_UNSUPPORTED',
      'this device cannot enrol another one: let an older device of the vault do it',
    )
  }
}
