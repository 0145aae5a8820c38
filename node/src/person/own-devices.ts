import type { RosterDevice } from '@muniment/devices'
import { type DeviceId, MunimentError } from '@muniment/interface'
import type { PersonParts } from './open-parts.ts'

/** A device that was taken out of the vault. */
export interface RemovedDeviceStatus {
  readonly id: DeviceId
  readonly name: string
  /** The name of the device that removed it; `recovery` for the kit or the guardians. */
  readonly removedBy: string
  /** How many entries of it are kept aside because it wrote them after its removal. They count nowhere. */
  readonly refusedEntries: number
}

/** The devices of a vault, and what a person decides about them. A device is named by its name or its id. */
export interface OwnDevices {
  /**
   * Takes a device out of the vault: from now on it gets nothing, what it still writes counts nowhere, and all others
   * have new keys. Works offline; the others hear of it when they sync. Throws `ERR_NOT_FOUND`, `ERR_INVALID_ARGUMENT`
   * for a name that two devices have, `ERR_LAST_DEVICE`, and `ERR_REMOVED` on a device that is out itself.
   */
  removeDevice(which: string): Promise<RemovedDeviceStatus>
  /** Gives a device another name. Throws `ERR_NOT_FOUND`, `ERR_INVALID_ARGUMENT` and `ERR_MALFORMED`. */
  renameDevice(which: string, name: string): Promise<void>
  /** Makes new keys for the same devices: whoever had stolen the present ones reads nothing that is written later. */
  rotateKeys(): Promise<void>
  /** The devices that were removed. */
  removedDevices(): readonly RemovedDeviceStatus[]
  /** True when this very device was removed: it shows what it has, and takes part no more. */
  isRemoved(): boolean
}

/** The devices of a vault. */
export function ownDevices(parts: PersonParts, writable: () => Promise<void>): OwnDevices {
  const { roster, keys, log, vault } = parts
  return {
    async removeDevice(which) {
      await writable()
      const { id } = deviceCalled(parts, which)
      await roster.remove(id)
      await vault.settled()
      const removed = removedDevices(parts).find((one) => one.id === id)
      if (removed) return removed
      throw new MunimentError('ERR_INTERNAL', 'the removal does not count')
    },
    async renameDevice(which, name) {
      await writable()
      await roster.rename(deviceCalled(parts, which).id, name)
    },
    async rotateKeys() {
      await writable()
      await roster.rotate()
    },
    removedDevices: () => removedDevices(parts),
    isRemoved: () => !roster.isGranted() && !roster.isMember(keys.id) && log.heads()[keys.id] !== undefined,
  }
}

function removedDevices({ roster, log }: PersonParts): readonly RemovedDeviceStatus[] {
  const refused = new Map(log.quarantined().map(({ device, first, last }) => [device, last - first + 1]))
  const names = new Map([...roster.devices(), ...roster.removed()].map(({ id, name }) => [id, name]))
  return roster.removed().map(({ id, name, removedBy }) => ({
    id,
    name,
    removedBy: names.get(removedBy) ?? 'recovery',
    refusedEntries: refused.get(id) ?? 0,
  }))
}

function deviceCalled({ roster }: PersonParts, which: string): RosterDevice {
  const found = roster.device(which)
  if (found) return found
  const named = roster.devices().filter(({ name }) => name === which)
  const [one, another] = named
  if (another) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', `two devices are called ${which}: name one by its id`)
  }
  if (one) return one
  throw new MunimentError('ERR_NOT_FOUND', `no device of this vault is called ${which}`)
}
