import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { MunimentError } from '@muniment/interface'
import type { JsonObject, JsonValue, Question } from '../../control/actions.ts'
import { isJsonObject } from '../../control/lines.ts'
import { toJson } from '../../control/to-json.ts'
import { callFolder } from '../call-folder.ts'
import { callAndPrint, type CommandDefinition, rowsOf } from '../command-kit.ts'
import { EXIT } from '../exit-code.ts'
import type { Text } from '../language.ts'
import { plain, printJson, printLine, printNote } from '../output.ts'
import { problemLine, secretText, writePage } from '../recovery-words.ts'
import { placesOf } from '../restore-words.ts'
import type { Settings } from '../settings.ts'
import { showGuardians } from '../show-guardians.ts'
import { RESTORE_FLAGS, restoreAs } from './kit-restore.ts'

const PRESENT: Text = { en: 'The words of the present kit', fr: 'Les mots du kit actuel' }
const WRITTEN: Text = {
  en: 'Give each guardian their page or file, and to nobody else; then remove them from',
  fr: 'Donnez à chaque gardien sa page ou son fichier, et à personne d’autre ; puis effacez-les de',
}
const COLLECTED: Text = { en: 'fragments are here, needed:', fr: 'fragments sont là, nécessaires :' }
const ENOUGH: Text = {
  en: 'Enough. Say where a replica is, and the vault comes back: --replica folder:PATH',
  fr: 'C’est assez. Dites où est une réplique, et le coffre revient : --replica folder:CHEMIN',
}

const ADD: CommandDefinition = {
  words: 'add <names...>',
  about: {
    en: 'choose guardians anew: so many of them together bring the vault back; those before them cannot any more',
    fr: 'choisir de nouveaux gardiens : ensemble, ils rendent le coffre ; ceux d’avant ne le peuvent plus',
  },
  example: 'muniment guardian add Bob Carol Dave --threshold 2 --pages ./guardians',
  flags: [
    [
      '--threshold <number>',
      {
        en: 'how many are needed; more than half unless told',
        fr: 'combien il en faut ; plus de la moitié sinon',
      },
    ],
    [
      '--pages <folder>',
      { en: 'where a page for each is written', fr: 'où une page pour chacun est écrite' },
    ],
    [
      '--key <name=file...>',
      {
        en: 'seal a guardian’s fragment to the key that their “guardian key” shows',
        fr: 'sceller le fragment d’un gardien avec la clé que montre son « guardian key »',
      },
    ],
    [
      '--present-words-file <file>',
      {
        en: 'where there are guardians already: the words of the kit',
        fr: 's’il y a déjà des gardiens : les mots du kit',
      },
    ],
    [
      '--present-fragment <files...>',
      { en: 'or enough of their fragments', fr: 'ou assez de leurs fragments' },
    ],
  ],
  run: async (settings, names, flags) => {
    const { pages } = flags
    if (typeof pages !== 'string')
      throw new MunimentError('ERR_USAGE', 'say where the pages go: --pages FOLDER')
    const folder = resolve(pages)
    const present = flags['presentWordsFile']
    const ask = async (question: Question): Promise<string> => {
      await writeFragments(folder, rowsOf(question, 'fragments'))
      return 'yes'
    }
    const result = await callFolder(
      settings,
      'guardian-add',
      {
        names,
        ...(flags['threshold'] !== undefined && { threshold: Number(flags['threshold']) }),
        keys: await keysOf(flags['key']),
        language: settings.language,
        ...(present !== undefined && { replacing: await secretText(present, PRESENT[settings.language]) }),
        replacingFragments: await filesOf(flags['presentFragment']),
      },
      { ask },
    )
    if (settings.json) printJson(result)
    else {
      showGuardians(result, settings.language)
      printLine(`${WRITTEN[settings.language]} ${folder}`)
    }
  },
}

/** A page for each guardian that can be printed, with the link in a file of its own, or one sealed file. */
async function writeFragments(folder: string, fragments: readonly JsonObject[]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const [index, { guardian, sealed, pageHtml, pageText }] of fragments.entries()) {
    const name = plain(guardian).replaceAll(/[^\p{L}\p{N} -]/gu, '_')
    const path = join(folder, `${index + 1} ${name}`)
    if (typeof sealed === 'string') await writePage(`${path}.sealed`, `${sealed}\n`)
    else {
      await writePage(`${path}.html`, plainPage(pageHtml))
      await writePage(`${path}.txt`, plainPage(pageText))
    }
  }
}

function plainPage(page: JsonValue | undefined): string {
  return typeof page === 'string' ? page : ''
}

async function keysOf(flag: JsonValue | undefined): Promise<JsonObject> {
  const given = Array.isArray(flag) ? flag.filter((each) => typeof each === 'string') : []
  const keys: Record<string, string> = {}
  for (const each of given) {
    const at = each.indexOf('=')
    if (at < 1) throw new MunimentError('ERR_USAGE', 'a key is given as NAME=FILE')
    keys[each.slice(0, at)] = await textOf(each.slice(at + 1))
  }
  return keys
}

async function filesOf(flag: JsonValue | undefined): Promise<readonly string[]> {
  const paths = Array.isArray(flag) ? flag.filter((each) => typeof each === 'string') : []
  return Promise.all(paths.map(textOf))
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new MunimentError('ERR_USAGE', `${path} cannot be read`, { cause })
  }
}

const LIST: CommandDefinition = {
  words: 'list',
  about: { en: 'who the guardians are', fr: 'qui sont les gardiens' },
  example: 'muniment guardian list',
  run: (settings) => callAndPrint(settings, 'guardians', {}, showGuardians),
}

const KEY: CommandDefinition = {
  words: 'key',
  about: {
    en: 'what a friend seals a fragment with that you are to keep for them',
    fr: 'de quoi un ami scelle le fragment que vous garderez pour lui',
  },
  example: 'muniment guardian key > my-guardian-key.txt',
  run: (settings) =>
    callAndPrint(settings, 'guardian-key', {}, (result) => {
      if (isJsonObject(result)) printLine(plain(result['key']))
    }),
}

const OPEN: CommandDefinition = {
  words: 'open <file>',
  about: {
    en: 'open a fragment that a friend sealed to this device; do it when you receive it, and keep what it shows',
    fr: 'ouvrir un fragment qu’un ami a scellé pour cet appareil ; à faire dès réception, en gardant ce qui s’affiche',
  },
  example: 'muniment guardian open "2 Carol.sealed"',
  run: async (settings, [file = '']) =>
    callAndPrint(settings, 'guardian-open', { sealed: await textOf(file) }, (result) => {
      if (isJsonObject(result)) printLine(plain(result['link']))
    }),
}

const RECOVER: CommandDefinition = {
  words: 'recover [fragments...]',
  about: {
    en: 'bring the vault back from guardians’ fragments: files, in any order, over several calls',
    fr: 'rendre le coffre avec les fragments des gardiens : des fichiers, dans tout ordre, en plusieurs fois',
  },
  example: 'muniment guardian recover bob.txt carol.txt --replica folder:/media/disk/vault',
  flags: [
    [
      '--start-over',
      { en: 'forget the fragments collected so far', fr: 'oublier les fragments déjà réunis' },
    ],
    ...RESTORE_FLAGS,
  ],
  run: async (settings, files, flags) => {
    const { collectFragments, forgetFragments } = await import('../../person/restore/collect-fragments.ts')
    if (flags['startOver'] === true) await forgetFragments(settings.folder)
    const given = await Promise.all(files.map(async (path) => ({ from: path, fragment: await textOf(path) })))
    const { member, ...collected } = await collectFragments(settings.folder, given)
    if (!member || flags['replica'] === undefined)
      return showCollected(settings, { ...collected, isEnough: member !== undefined })
    for (const problem of rowsOf(toJson(collected), 'problems'))
      printNote(problemLine(problem, settings.language))
    await restoreAs(settings, flags, { member, places: await placesOf(settings, flags) })
    await forgetFragments(settings.folder)
    return EXIT.done
  },
}

function showCollected({ json, language }: Settings, collected: object): number {
  const result = toJson(collected)
  const problems = rowsOf(result, 'problems')
  if (json) printJson(result)
  else if (isJsonObject(result)) {
    for (const problem of problems) printNote(problemLine(problem, language))
    printLine(`${plain(result['here'])} ${COLLECTED[language]} ${plain(result['needed'] ?? '?')}`)
    if (result['isEnough'] === true) printLine(ENOUGH[language])
  }
  return problems.length > 0 ? EXIT.refused : EXIT.done
}

/** The commands about guardians. */
export const GUARDIAN_COMMANDS: readonly CommandDefinition[] = [ADD, LIST, KEY, OPEN, RECOVER]
