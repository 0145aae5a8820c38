import type { Actions, JsonObject } from '../../control/actions.ts'
import { object, optionalNumber, optionalText, text, texts } from '../../control/parameters.ts'
import { toJson } from '../../control/to-json.ts'
import type { PersonVault } from '../person-vault.ts'
import type { GuardianFragment } from '../recovery/own-guardians.ts'

/** What may be asked about guardians. */
export function guardianActions(vault: PersonVault): Actions {
  return {
    guardians: async () => ({ guardians: toJson((await vault.guardians()) ?? null) }),
    'guardian-key': async () => ({ key: vault.guardianKey() }),
    'guardian-open': async (parameters) => ({ link: await vault.openSealed(text(parameters, 'sealed')) }),
    async 'guardian-add'(parameters, context) {
      const names = texts(parameters, 'names')
      const threshold = optionalNumber(parameters, 'threshold') ?? Math.floor(names.length / 2) + 1
      const language = optionalText(parameters, 'language') === 'fr' ? 'fr' : 'en'
      const made = await vault.makeGuardians({ names, threshold, language })
      const keys = object(parameters, 'keys')
      const fragments = await Promise.all(made.fragments.map((fragment) => given(fragment, keys)))
      const isKept = (await context.ask({ ask: 'fragments', fragments })) === 'yes'
      if (isKept) {
        const replacing = optionalText(parameters, 'replacing')
        const replacingFragments = texts(parameters, 'replacingFragments')
        await made.count({ replacing, replacingFragments })
      }
      return { counted: isKept, guardians: toJson((await vault.guardians()) ?? null) }
    },
  }
}

/** A fragment as it is given out: sealed to the guardian's key where one is known, else as a page. */
async function given(fragment: GuardianFragment, keys: JsonObject): Promise<JsonObject> {
  const { guardian, link, pageText, pageHtml } = fragment
  const key = keys[guardian]
  if (typeof key === 'string') return { guardian, sealed: await fragment.sealTo(key) }
  return { guardian, link, pageText, pageHtml }
}
