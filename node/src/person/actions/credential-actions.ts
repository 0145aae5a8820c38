import type { Actions } from '../../control/actions.ts'
import { optionalText, text } from '../../control/parameters.ts'
import { toJson } from '../../control/to-json.ts'
import type { PersonVault } from '../person-vault.ts'

/** What may be asked of the credentials held. */
export function credentialActions(vault: PersonVault): Actions {
  return {
    async receive(parameters) {
      return toJson(
        await vault.receive(text(parameters, 'link'), { txCode: optionalText(parameters, 'txCode') }),
      )
    },
    async credentials() {
      const credentials = await vault.credentials()
      return {
        credentials: credentials.map((credential) => toJson({ ...credential, title: credential.vct })),
      }
    },
  }
}
