import { resolve } from 'node:path'
import type { JsonObject, JsonValue, Question } from '../../control/actions.ts'
import { isJsonObject } from '../../control/lines.ts'
import { callFolder } from '../call-folder.ts'
import { callAndPrint, type CommandDefinition, rowsOf, textFlag } from '../command-kit.ts'
import { askLine, askPerson, askYes } from '../console-ask.ts'
import { EXIT } from '../exit-code.ts'
import type { Language, Text } from '../language.ts'
import { plain, printJson, printLine, printNote, printQr } from '../output.ts'
import { pageFor, problemLine, secretText, writePage } from '../recovery-words.ts'
import type { Settings } from '../settings.ts'
import { showKit } from '../show-kit.ts'
import { KIT_RESTORE } from './kit-restore.ts'

const KEY_ID: Text = { en: 'Key id', fr: 'Identifiant de clé' }
const WRITTEN: Text = {
  en: 'Write the 24 words down in order, with the key id. Done? The screen is cleared then, and three words are asked for.',
  fr: 'Notez les 24 mots dans l’ordre, avec l’identifiant de clé. Fait ? L’écran est alors effacé, et trois mots sont demandés.',
}
const THREE: Text = { en: 'Words number', fr: 'Mots numéro' }
const LATER: Text = { en: '(empty: later, with all 24)', fr: '(vide : plus tard, avec les 24)' }
const PRESENT: Text = {
  en: 'The words of the present kit, which the new one replaces',
  fr: 'Les mots du kit actuel, que le nouveau remplace',
}
const ALL_WORDS: Text = {
  en: 'The 24 words, or the text of the QR code',
  fr: 'Les 24 mots, ou le texte du QR',
}
const MAKE: CommandDefinition = {
  words: 'make',
  about: {
    en: 'make 24 words that bring the vault back, with any replica, when all devices are lost',
    fr: 'faire 24 mots qui, avec une réplique, rendent le coffre quand tous les appareils sont perdus',
  },
  example: 'muniment kit make --page kit.html',
  flags: [
    [
      '--page <file>',
      {
        en: 'also write a page to print: .html with the QR code, or text',
        fr: 'écrire aussi une page à imprimer : .html avec le QR, ou texte',
      },
    ],
  ],
  run: async (settings, _words, flags) => {
    const { page } = flags
    const ask = async (question: Question): Promise<string> => {
      if (question.ask === 'kit-shown' && typeof page === 'string') await keepPage(resolve(page), question)
      return settings.json ? askPerson(question, settings) : askAboutKit(question, settings.language)
    }
    const result = await callFolder(settings, 'kit-make', { language: settings.language }, { ask })
    if (settings.json) printJson(result)
    else showKit(result, settings.language)
  },
}

async function keepPage(path: string, { pageHtml, pageText }: JsonObject): Promise<void> {
  await writePage(path, pageFor(path, { html: textFlag(pageHtml, ''), text: textFlag(pageText, '') }))
}

/** Shows the words, then asks for three of them. */
async function askAboutKit(question: Question, language: Language): Promise<string> {
  if (question.ask === 'kit-shown') {
    showWords(question, language)
    const isWritten = await askYes(WRITTEN[language])
    // What scrolled away goes too: whoever looks at this terminal later must not find the words.
    if (isWritten && process.stdout.isTTY) process.stdout.write('\u001B[2J\u001B[3J\u001B[H')
    return isWritten ? 'yes' : 'no'
  }
  if (question.ask === 'kit-replaced') return askLine(PRESENT[language])
  for (const problem of rowsOf(question, 'problems')) printNote(problemLine(problem, language))
  const positions = Array.isArray(question['positions']) ? question['positions'].join(', ') : ''
  return askLine(`${THREE[language]} ${positions} ${LATER[language]}`)
}

function showWords({ words, keyId, link }: JsonObject, language: Language): void {
  const list = Array.isArray(words) ? words.map((word) => plain(word)) : []
  const numbered = list.map((word, index) => `${String(index + 1).padStart(2)} ${word}`.padEnd(16))
  for (let at = 0; at < numbered.length; at += 4)
    printLine(
      numbered
        .slice(at, at + 4)
        .join('')
        .trimEnd(),
    )
  printLine(`${KEY_ID[language]}: ${plain(keyId)}`)
  printQr(plain(link))
}

const REHEARSE: CommandDefinition = {
  words: 'rehearse',
  about: {
    en: 'try the kit: all 24 words are asked for, and with --restore-to everything is read back from the replicas',
    fr: 'essayer le kit : les 24 mots sont demandés, et avec --restore-to tout est relu depuis les répliques',
  },
  example: 'muniment kit rehearse',
  flags: [
    ['--words-file <file>', { en: 'read the words from a file', fr: 'lire les mots dans un fichier' }],
    [
      '--restore-to <folder>',
      {
        en: 'restore into this folder, read every record, and remove it again',
        fr: 'restaurer dans ce dossier, lire chaque fiche, puis l’effacer',
      },
    ],
    [
      '--present-words-file <file>',
      {
        en: 'the words of the kit that it replaces, where there is one',
        fr: 'les mots du kit qu’il remplace, s’il y en a un',
      },
    ],
  ],
  run: async (settings, _words, flags) => {
    const words = await secretText(flags['wordsFile'], ALL_WORDS[settings.language])
    const present = flags['presentWordsFile']
    const replacing =
      present === undefined ? undefined : await secretText(present, PRESENT[settings.language])
    const restoreTo = flags['restoreTo']
    const folder = typeof restoreTo === 'string' ? resolve(restoreTo) : undefined
    const result = await callFolder(settings, 'kit-rehearse', { words, replacing, folder })
    return showRehearsal(result, settings)
  },
}

function showRehearsal(result: JsonValue, { json, language }: Settings): number {
  const isDone = isJsonObject(result) && result['ok'] === true
  if (json) printJson(result)
  else if (isDone) showKit(result, language)
  else for (const problem of rowsOf(result, 'problems')) printNote(problemLine(problem, language))
  return isDone ? EXIT.done : EXIT.refused
}

const STATUS: CommandDefinition = {
  words: 'status',
  about: { en: 'whether there is a kit, and whether it counts', fr: 's’il y a un kit, et s’il compte' },
  example: 'muniment kit status',
  run: (settings) => callAndPrint(settings, 'kit-status', {}, showKit),
}

/** The commands about the recovery kit. */
export const KIT_COMMANDS: readonly CommandDefinition[] = [MAKE, REHEARSE, KIT_RESTORE, STATUS]
