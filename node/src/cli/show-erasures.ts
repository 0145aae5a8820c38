import type { JsonObject } from '../control/actions.ts'
import { rowsOf } from './command-kit.ts'
import type { Language, Text } from './language.ts'
import { plain, printLine } from './output.ts'

const GONE: Text = {
  en: 'records are erased: nothing of them is left on this device.',
  fr: 'fiches sont effacées : il n’en reste rien sur cet appareil.',
}
const ERASING: Text = { en: 'Erasing records', fr: 'Effacement de fiches' }
const WAITS: Text = { en: 'waits for', fr: 'attend' }
const EVERYWHERE: Text = {
  en: 'All devices of the vault have done so.',
  fr: 'Tous les appareils du coffre l’ont fait.',
}
const NOT_PROMISED: Text = {
  en: 'What cannot be promised: copies that a backup of a machine or a cloud drive kept, with old keys; and what was shared already.',
  fr: 'Ce qui ne peut être promis : les copies gardées par une sauvegarde de machine ou un nuage, avec d’anciennes clés ; et ce qui a déjà été partagé.',
}

/** Says what an erasure came to, what it waits for, and what nobody can promise. */
export function showErased(erasure: JsonObject, language: Language): void {
  printLine(`${plain(erasure['records'])} ${GONE[language]}`)
  const names = waitingNames(erasure)
  printLine(names === '' ? EVERYWHERE[language] : `${capital(WAITS[language])}: ${names}`)
  printLine(NOT_PROMISED[language])
}

/** One line for each erasure that waits for a device. */
export function showErasing(erasures: readonly JsonObject[], language: Language): void {
  for (const erasure of erasures) {
    const count = plain(erasure['records'])
    printLine(`${ERASING[language]} (${count}): ${WAITS[language]} ${waitingNames(erasure)}`)
  }
}

function waitingNames(erasure: JsonObject): string {
  return rowsOf(erasure, 'waitsFor')
    .map(({ name }) => plain(name))
    .join(', ')
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
