import { resolve, sep } from 'node:path'
import { MunimentError } from '@muniment/interface'
import type { JsonObject, JsonValue } from '../../control/actions.ts'
import { isJsonObject } from '../../control/lines.ts'
import { callFolder } from '../call-folder.ts'
import { callAndPrint, type CommandDefinition, rowsOf, type Show } from '../command-kit.ts'
import { EXIT } from '../exit-code.ts'
import type { Language, Text } from '../language.ts'
import { plain, printJson, printLine, printTable } from '../output.ts'
import { peerPlace, s3Place, webdavPlace } from '../replica-credentials.ts'
import { findingLine, REPLICA_COLUMNS, replicaRow } from '../replica-words.ts'
import type { Settings } from '../settings.ts'

const NONE: Text = {
  en: 'This vault has no replica: when its devices are lost, so is it. Add one: muniment replica add folder PATH',
  fr: 'Ce coffre n’a pas de réplique : perdre ses appareils, c’est le perdre. Ajoutez-en une : muniment replica add folder CHEMIN',
}
const WHOLE: Text = { en: 'is whole', fr: 'est intacte' }
const NAME_FLAG: readonly [string, Text] = [
  '--name <name>',
  { en: 'what to call it', fr: 'le nom à lui donner' },
]

/** Shows the replicas of an answer. */
export const showReplicas: Show = (result, language) => {
  const rows = rowsOf(result, 'replicas')
  if (rows.length === 0) printLine(NONE[language])
  else
    printTable(
      REPLICA_COLUMNS,
      rows.map((row) => replicaRow(row, language)),
    )
}

const FOLDER: CommandDefinition = {
  words: 'folder <path>',
  about: {
    en: 'in a folder, such as one that Dropbox, Drive or OneDrive syncs, or on another disk',
    fr: 'dans un dossier, par exemple synchronisé par Dropbox, Drive ou OneDrive, ou sur un autre disque',
  },
  example: 'muniment replica add folder ~/Dropbox/vault',
  flags: [NAME_FLAG],
  run: async (settings, [path = ''], flags) => {
    const folder = resolve(path)
    if (`${folder}${sep}`.startsWith(`${settings.folder}${sep}`)) {
      throw new MunimentError('ERR_USAGE', 'a replica inside the folder of the vault is lost with it')
    }
    const place = { kind: 'folder', folder }
    await callAndPrint(settings, 'replica-add', { place, name: flags['name'] }, showReplicas)
  },
}

const WEBDAV: CommandDefinition = {
  words: 'webdav <url>',
  about: {
    en: 'in a folder of a WebDAV server, such as Nextcloud; the password is asked for',
    fr: 'dans un dossier d’un serveur WebDAV, comme Nextcloud ; le mot de passe est demandé',
  },
  example: 'muniment replica add webdav https://cloud.example/remote.php/dav/files/ana/vault --username ana',
  flags: [
    NAME_FLAG,
    ['--username <name>', { en: 'who you are there', fr: 'votre nom là-bas' }],
    [
      '--password-file <file>',
      {
        en: 'the password: the first line of a file (else MUNIMENT_REPLICA_PASSWORD)',
        fr: 'le mot de passe : la première ligne d’un fichier (sinon MUNIMENT_REPLICA_PASSWORD)',
      },
    ],
    [
      '--token-file <file>',
      {
        en: 'an access token instead (else MUNIMENT_REPLICA_TOKEN)',
        fr: 'ou un jeton d’accès (sinon MUNIMENT_REPLICA_TOKEN)',
      },
    ],
  ],
  run: async (settings, [url = ''], flags) => {
    const place = await webdavPlace(settings, url, flags)
    await callAndPrint(settings, 'replica-add', { place, name: flags['name'] }, showReplicas)
  },
}

const S3: CommandDefinition = {
  words: 's3 <bucket-url>',
  about: {
    en: 'in a bucket of an S3-compatible storage; the secret key is asked for',
    fr: 'dans un bucket d’un stockage compatible S3 ; la clé secrète est demandée',
  },
  example:
    'muniment replica add s3 https://s3.eu-west-3.amazonaws.com/my-bucket --region eu-west-3 --access-key-id AKIA…',
  flags: [
    NAME_FLAG,
    ['--region <region>', { en: 'the region', fr: 'la région' }],
    ['--access-key-id <id>', { en: 'the name of the key', fr: 'le nom de la clé' }],
    [
      '--secret-key-file <file>',
      {
        en: 'the secret key: the first line of a file (else MUNIMENT_REPLICA_SECRET_KEY)',
        fr: 'la clé secrète : la première ligne d’un fichier (sinon MUNIMENT_REPLICA_SECRET_KEY)',
      },
    ],
  ],
  run: async (settings, [endpoint = ''], flags) => {
    const place = await s3Place(settings, endpoint, flags)
    await callAndPrint(settings, 'replica-add', { place, name: flags['name'] }, showReplicas)
  },
}

const PEER: CommandDefinition = {
  words: 'peer',
  about: {
    en: 'at somebody’s host, which cannot read it nor tell whose it is; their link is asked for',
    fr: 'chez l’hôte de quelqu’un, qui ne peut ni le lire ni savoir à qui il est ; son lien est demandé',
  },
  example: 'muniment replica add peer --link-file link.txt',
  flags: [
    NAME_FLAG,
    [
      '--link-file <file>',
      {
        en: 'the link: the first line of a file (else MUNIMENT_REPLICA_LINK)',
        fr: 'le lien : la première ligne d’un fichier (sinon MUNIMENT_REPLICA_LINK)',
      },
    ],
  ],
  run: async (settings, _words, flags) => {
    const place = await peerPlace(settings, flags)
    await callAndPrint(settings, 'replica-add', { place, name: flags['name'] }, showReplicas)
  },
}

/** The commands of `replica add`. */
export const REPLICA_ADD_COMMANDS: readonly CommandDefinition[] = [FOLDER, WEBDAV, S3, PEER]

const LIST: CommandDefinition = {
  words: 'list',
  about: {
    en: 'the replicas: when each had everything last, what waits, and what is wrong',
    fr: 'les répliques : quand chacune avait tout, ce qui attend, et ce qui ne va pas',
  },
  example: 'muniment replica list',
  run: (settings) => callAndPrint(settings, 'replicas', {}, showReplicas),
}

const PUSH: CommandDefinition = {
  words: 'push [replica]',
  about: {
    en: 'upload what waits now, to one replica or to all',
    fr: 'envoyer maintenant ce qui attend, à une réplique ou à toutes',
  },
  example: 'muniment replica push',
  run: async (settings, [which]) => {
    const result = await callFolder(settings, 'replica-push', { which })
    if (settings.json) printJson(result)
    else showReplicas(result, settings.language)
    return isJsonObject(result) && result['ok'] === true ? EXIT.done : EXIT.refused
  },
}

const CHECK: CommandDefinition = {
  words: 'check [replica]',
  about: {
    en: 'read a replica and compare it with what should be there',
    fr: 'lire une réplique et la comparer à ce qui devrait s’y trouver',
  },
  example: 'muniment replica check --deep',
  flags: [['--deep', { en: 'read every object whole', fr: 'lire chaque objet en entier' }]],
  run: async (settings, [which], flags) => {
    const result = await callFolder(settings, 'replica-check', { which, deep: flags['deep'] === true })
    showChecks(result, settings)
    return isJsonObject(result) && result['ok'] === true ? EXIT.done : EXIT.refused
  },
}

function showChecks(result: JsonValue, { json, language }: Settings): void {
  if (json) printJson(result)
  else
    for (const line of rowsOf(result, 'checked').flatMap((row) => checkLines(row, language))) printLine(line)
}

function checkLines(row: JsonObject, language: Language): readonly string[] {
  const name = plain(row['name'])
  const problems = rowsOf(row, 'problems').map((problem) => `${name}: ${findingLine(problem, language)}`)
  return problems.length > 0 ? problems : [`${name} ${WHOLE[language]}`]
}

const REPAIR: CommandDefinition = {
  words: 'repair [replica]',
  about: {
    en: 'write again what is missing or damaged there',
    fr: 'écrire de nouveau ce qui y manque ou y est abîmé',
  },
  example: 'muniment replica repair vault',
  run: (settings, [which]) => callAndPrint(settings, 'replica-repair', { which }, showReplicas),
}

const REMOVE: CommandDefinition = {
  words: 'remove <replica>',
  about: {
    en: 'stop using a replica; what lies there stays, sealed, until you delete it',
    fr: 'ne plus utiliser une réplique ; ce qui s’y trouve reste, scellé, jusqu’à ce que vous l’effaciez',
  },
  example: 'muniment replica remove vault',
  run: (settings, [which]) => callAndPrint(settings, 'replica-remove', { which }, showReplicas),
}

/** The commands of `replica` beside `replica add`. */
export const REPLICA_COMMANDS: readonly CommandDefinition[] = [LIST, PUSH, CHECK, REPAIR, REMOVE]
