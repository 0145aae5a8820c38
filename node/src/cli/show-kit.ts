import { isJsonObject } from '../control/lines.ts'
import type { Show } from './command-kit.ts'
import type { Text } from './language.ts'
import { plain, printLine } from './output.ts'
import { shownTime } from './replica-words.ts'

const NO_KIT: Text = {
  en: 'There is no recovery kit: when all devices are lost, so is the vault. Make one: muniment kit make',
  fr: 'Il n’y a pas de kit de secours : si tous les appareils sont perdus, le coffre l’est aussi. Faites-en un : muniment kit make',
}
const COUNTS: Text = { en: 'counts; last tried', fr: 'compte ; essayé le' }
const UNTRIED: Text = {
  en: 'does not count until you have tried it: muniment kit rehearse',
  fr: 'ne compte pas tant que vous ne l’avez pas essayé : muniment kit rehearse',
}

/** Shows what is known of the kit. */
export const showKit: Show = (result, language) => {
  const kit = isJsonObject(result) ? result['kit'] : undefined
  if (!isJsonObject(kit)) {
    printLine(NO_KIT[language])
    return
  }
  const { keyId, rehearsed, untried } = kit
  const tried = isJsonObject(rehearsed)
    ? `${COUNTS[language]} ${shownTime(rehearsed['at'], language)}`
    : UNTRIED[language]
  printLine(`Kit ${plain(keyId)} ${tried}`)
  if (isJsonObject(untried)) printLine(`Kit ${plain(untried['keyId'])} ${UNTRIED[language]}`)
}
