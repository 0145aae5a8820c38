import type { WordLanguage } from '@muniment/devices'
import type { Problem } from '@muniment/interface'
import type { ActionContext, Actions, JsonObject } from '../../control/actions.ts'
import { optionalText, text } from '../../control/parameters.ts'
import { toJson } from '../../control/to-json.ts'
import type { PersonVault } from '../person-vault.ts'
import type { NewKit } from '../recovery/own-kit.ts'

/** Times that three words are asked for; afterwards all 24 are, another day. */
const TRIES = 3

/** What may be asked about the recovery kit. */
export function kitActions(vault: PersonVault): Actions {
  return {
    'kit-status': async () => ({ kit: toJson((await vault.kitStatus()) ?? null) }),
    async 'kit-make'(parameters, context) {
      const language: WordLanguage = optionalText(parameters, 'language') === 'fr' ? 'fr' : 'en'
      const kit = await vault.makeKit({ language })
      const { words, keyId, madeAt, link, pageText, pageHtml } = kit
      const shown = { words: [...words], keyId, madeAt, link, pageText, pageHtml }
      const isShown = (await context.ask({ ask: 'kit-shown', ...shown })) === 'yes'
      const rehearsed = isShown && (await isRehearsed(kit, context))
      return { keyId, madeAt, rehearsed, kit: toJson((await vault.kitStatus()) ?? null) }
    },
    async 'kit-rehearse'(parameters, { signal, progress }) {
      const folder = optionalText(parameters, 'folder')
      if (folder !== undefined) {
        const onProgress = ({ done, expected }: { done: number; expected: number }): void =>
          progress({ step: 'restore', done, expected })
        return toJson(await vault.rehearseRestore(text(parameters, 'words'), { folder, signal, onProgress }))
      }
      const replacing = optionalText(parameters, 'replacing')
      return toJson(await vault.rehearseKit(text(parameters, 'words'), { replacing }))
    },
  }
}

/** Asks for three words; an empty answer is "later". */
async function isRehearsed(kit: NewKit, context: ActionContext): Promise<boolean> {
  let problems: readonly Problem[] = []
  for (let time = 0; time < TRIES; time++) {
    const question: JsonObject = { positions: [...kit.positions], problems: toJson(problems) }
    const answer = await context.ask({ ask: 'kit-words', ...question })
    if (answer.trim() === '') return false
    const replacing = kit.replaces ? await context.ask({ ask: 'kit-replaced' }) : undefined
    const answered = await kit.answer(answer.trim().split(/\s+/u), { replacing })
    if (answered.ok) return true
    problems = answered.problems
  }
  return false
}
