import type { Actions } from '../../control/actions.ts'
import { toJson } from '../../control/to-json.ts'
import type { PersonVault } from '../person-vault.ts'

/** What may be asked about the disk of this device. */
export function damageActions(vault: PersonVault): Actions {
  return {
    async check(parameters, { signal, progress }) {
      if (parameters['giveUp'] === true) await vault.giveUpLost()
      const report = await vault.check({
        signal,
        onProgress: ({ rows }) => progress({ step: 'check', done: rows }),
      })
      return toJson(report)
    },
  }
}
