import type { RosterDevice } from '@muniment/devices'
import { MunimentError } from '@muniment/interface'
import { resolve } from 'node:path'
import type { JsonObject, JsonValue } from '../control/actions.ts'
import { isJsonObject } from '../control/lines.ts'
import { parsePlace, type ReplicaPlace } from '../person/replicas/replica-place.ts'
import { rowsOf } from './command-kit.ts'
import { askLine } from './console-ask.ts'
import type { Language, Text } from './language.ts'
import { plain, printLine, printNote } from './output.ts'
import { s3Place, webdavPlace } from './replica-credentials.ts'
import { findingLine, shownTime } from './replica-words.ts'
import type { Settings } from './settings.ts'

const KEPT: Text = {
  en: 'Which of these devices do you still have? The others are taken out of the vault. Names, with commas; empty for none:',
  fr: 'Lesquels de ces appareils avez-vous encore ? Les autres sont retirés du coffre. Noms, séparés par des virgules ; vide pour aucun :',
}
const RESTORED: Text = { en: 'The vault is back in', fr: 'Le coffre est de retour dans' }
const RECORDS: Text = { en: 'records', fr: 'fiches' }
const OUT: Text = { en: 'Taken out of the vault', fr: 'Retirés du coffre' }
const UNCONFIRMED: Text = { en: 'Unconfirmed since', fr: 'Non confirmé depuis le' }
const WHY: Readonly<Record<string, Text>> = {
  alone: {
    en: 'no second replica could be asked whether anything was written later',
    fr: 'aucune autre réplique n’a pu dire si quelque chose a été écrit après',
  },
  older: {
    en: 'another replica knows of later changes that are not here',
    fr: 'une autre réplique connaît des changements plus récents qui ne sont pas ici',
  },
}
const LOST: Text = {
  en: 'If a lost device may be in somebody’s hands, change the passwords of the servers where replicas are: it knows them.',
  fr: 'Si un appareil perdu peut être entre d’autres mains, changez les mots de passe des serveurs de répliques : il les connaît.',
}
const PAUSED: Text = {
  en: 'Nothing is sent to any organisation by itself. Credentials are listed, but their keys never leave a device: ask the issuers for new copies.',
  fr: 'Rien n’est envoyé de soi-même à une organisation. Les attestations sont là, mais leurs clés ne quittent jamais un appareil : demandez de nouveaux exemplaires aux émetteurs.',
}

/**
 * The places of `--replica folder:PATH`, `webdav:URL`, `s3:URL` and `peer:LINK`, with credentials as for `replica add`.
 * Throws `ERR_USAGE`.
 */
export async function placesOf(settings: Settings, flags: JsonObject): Promise<readonly ReplicaPlace[]> {
  const given = flags['replica']
  const texts = Array.isArray(given) ? given.filter((text) => typeof text === 'string') : []
  if (texts.length === 0) {
    throw new MunimentError(
      'ERR_USAGE',
      'say where a replica is: --replica folder:PATH, webdav:URL, s3:URL or peer:LINK',
    )
  }
  const places: ReplicaPlace[] = []
  for (const text of texts) {
    const place = parsePlace(await placeOf(settings, text, flags))
    if (!place)
      throw new MunimentError('ERR_USAGE', 'a replica is folder:PATH, webdav:URL, s3:URL or peer:LINK')
    places.push(place)
  }
  return places
}

async function placeOf(settings: Settings, text: string, flags: JsonObject): Promise<JsonValue> {
  const [, kind = '', where = ''] = /^([a-z\d]+):(.*)$/su.exec(text) ?? []
  if (kind === 'folder') return { kind, folder: resolve(where) }
  if (kind === 'webdav') return webdavPlace(settings, where, flags)
  if (kind === 's3') return s3Place(settings, where, flags)
  return kind === 'peer' ? { kind, link: where } : null
}

/** Which devices are lost: all but those of `--keep`, or those that the person does not name on the terminal. */
export function lostChooser(
  { json, language }: Settings,
  flags: JsonObject,
): (devices: readonly RosterDevice[]) => Promise<readonly string[]> {
  return async (devices) => {
    const { keep } = flags
    let kept = Array.isArray(keep) ? keep.filter((name) => typeof name === 'string') : []
    if (keep === undefined && !json && process.stdin.isTTY && devices.length > 0) {
      for (const { name, id } of devices) printNote(`  ${plain(name)}  ${id}`)
      kept = (await askLine(KEPT[language])).split(',').map((name) => name.trim())
    }
    const unknown = kept.find(
      (one) => one !== '' && !devices.some(({ id, name }) => id === one || name === one),
    )
    if (unknown !== undefined) throw new MunimentError('ERR_USAGE', 'no device of this vault has that name')
    return devices.filter(({ id, name }) => !kept.includes(id) && !kept.includes(name)).map(({ id }) => id)
  }
}

/** Tells what a restore came to. */
export function showRestored(result: JsonObject, language: Language): void {
  const { folder, records, removed } = result
  printLine(`${RESTORED[language]} ${plain(folder)}: ${plain(records)} ${RECORDS[language]}.`)
  if (Array.isArray(removed) && removed.length > 0)
    printLine(`${OUT[language]}: ${removed.map((name) => plain(name)).join(', ')}.`)
  showConfirmation(result, language)
  for (const problem of rowsOf(result, 'problems')) printNote(findingLine(problem, language))
  printLine(PAUSED[language])
  if (rowsOf(result, 'replicas').some(({ kind }) => kind !== 'folder')) printLine(LOST[language])
}

/** Says since when nothing confirms that a restored vault is all that there was. */
export function showConfirmation(restored: JsonValue | undefined, language: Language): void {
  if (!isJsonObject(restored)) return
  const { unconfirmedSince, why } = restored
  if (typeof unconfirmedSince !== 'number') return
  const reason = WHY[plain(why)]?.[language] ?? ''
  printLine(`${UNCONFIRMED[language]} ${shownTime(unconfirmedSince, language)}: ${reason}.`)
}
