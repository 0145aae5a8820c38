import { isJsonObject } from '../control/lines.ts'
import type { Show } from './command-kit.ts'
import type { Text } from './language.ts'
import { plain, printLine } from './output.ts'
import { shownTime } from './replica-words.ts'

const NONE: Text = { en: 'There are no guardians.', fr: 'Il n’y a pas de gardiens.' }
const OF: Text = { en: 'needed of', fr: 'nécessaires sur' }
const SINCE: Text = { en: 'since', fr: 'depuis le' }

/** Shows who the guardians are. */
export const showGuardians: Show = (result, language) => {
  const set = isJsonObject(result) ? result['guardians'] : undefined
  if (!isJsonObject(set)) {
    printLine(NONE[language])
    return
  }
  const { guardians, threshold, keyId, at } = set
  const names = Array.isArray(guardians) ? guardians.map((name) => plain(name)) : []
  const count = `${plain(threshold)} ${OF[language]} ${names.length}: ${names.join(', ')}`
  printLine(`${plain(keyId)}  ${count}  (${SINCE[language]} ${shownTime(at, language)})`)
}
