import type { Actions, JsonObject } from '../../control/actions.ts'
import { text } from '../../control/parameters.ts'
import { toJson } from '../../control/to-json.ts'
import type { PersonVault } from '../person-vault.ts'

/** What may be asked of the list of devices, and decided about it. */
export function rosterActions(vault: PersonVault): Actions {
  const listed = (): JsonObject => ({
    devices: toJson(vault.devices()),
    removed: toJson(vault.removedDevices()),
  })
  return {
    devices: async () => listed(),
    async removeDevice(parameters) {
      await vault.removeDevice(text(parameters, 'device'))
      return listed()
    },
    async renameDevice(parameters) {
      await vault.renameDevice(text(parameters, 'device'), text(parameters, 'name'))
      return listed()
    },
    async rotateKeys() {
      await vault.rotateKeys()
      return listed()
    },
  }
}
