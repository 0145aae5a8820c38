import { KIT_SLOTS, MAX_CLIENT_ID } from './constants.ts'

/** The Yjs client id of the device that created the vault. */
export const FIRST_CLIENT_ID = 1

/**
 * The Yjs client id of the `nth` device (from 1) that a device added. It is the path of who added whom, written in
 * bits: a leading 1, then each step as an Elias gamma code. Gamma codes are prefix-free, so no two paths give the same
 * number; two devices that add at the same time without knowing of each other still give different ids, and what
 * arrives later never changes one. `undefined` when 32 bits do not hold the path: another device has to add this one.
 */
export function clientIdOfAdded(adder: number, nth: number): number | undefined {
  if (adder === FIRST_CLIENT_ID && nth >= KIT_SLOTS) return undefined
  return pathTo(adder, nth)
}

/** The Yjs client id of a device that the recovery kit added, in one of its {@link KIT_SLOTS} places. */
export function clientIdOfKitSlot(slot: number): number {
  return pathTo(FIRST_CLIENT_ID, KIT_SLOTS + slot) ?? FIRST_CLIENT_ID
}

function pathTo(adder: number, nth: number): number | undefined {
  const bits = 2 * Math.floor(Math.log2(nth)) + 1
  const id = adder * 2 ** bits + nth
  return id <= MAX_CLIENT_ID ? id : undefined
}
