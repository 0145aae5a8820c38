import type { DeviceId } from '@muniment/interface'
import { clientIdOfAdded, clientIdOfKitSlot, FIRST_CLIENT_ID } from './client-id.ts'
import type { Placed } from './placed.ts'

type Enrolment = Pick<Placed, 'one' | 'adds'>

/** The client id of an enrolled device; `undefined` when none was left for it. */
export function clientIdOf(enrolledBy: ReadonlyMap<DeviceId, Enrolment>, id: DeviceId): number | undefined {
  const by = enrolledBy.get(id)
  if (!by) return undefined
  const { operation, author } = by.one
  if (operation.op === 'create') return FIRST_CLIENT_ID
  if (operation.op === 'add') return clientIdOfNext(enrolledBy, author, by.adds)
  if (operation.op !== 'signed') return undefined
  const slot = operation.acts.add.find(({ device }) => device.id === id)?.slot
  return slot === undefined ? undefined : clientIdOfKitSlot(slot)
}

/** The client id of the device that `adder` adds after `adds` others. */
export function clientIdOfNext(
  enrolledBy: ReadonlyMap<DeviceId, Enrolment>,
  adder: DeviceId,
  adds: number,
): number | undefined {
  const own = clientIdOf(enrolledBy, adder)
  return own === undefined ? undefined : clientIdOfAdded(own, adds + 1)
}
