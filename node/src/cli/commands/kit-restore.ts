import type { RecoveryMember } from '@muniment/devices'
import type { JsonObject } from '../../control/actions.ts'
import { isJsonObject } from '../../control/lines.ts'
import { toJson } from '../../control/to-json.ts'
import { consoleContext } from '../call-folder.ts'
import { type CommandDefinition, textFlag } from '../command-kit.ts'
import { EXIT } from '../exit-code.ts'
import type { Text } from '../language.ts'
import { printJson, printNote } from '../output.ts'
import { problemLine, secretText } from '../recovery-words.ts'
import { lostChooser, placesOf, showRestored } from '../restore-words.ts'
import type { Settings } from '../settings.ts'
import { newPassphrase } from './vault.ts'

const ALL_WORDS: Text = {
  en: 'The 24 words, or the text of the QR code',
  fr: 'Les 24 mots, ou le texte du QR',
}

/** What every command that restores takes. */
export const RESTORE_FLAGS: NonNullable<CommandDefinition['flags']> = [
  [
    '--replica <places...>',
    {
      en: 'where replicas are: folder:PATH, webdav:URL, s3:URL or peer:LINK; credentials as for “replica add”',
      fr: 'où sont les répliques : folder:CHEMIN, webdav:URL, s3:URL ou peer:LIEN ; identifiants comme pour « replica add »',
    },
  ],
  ['--name <name>', { en: 'what to call this device', fr: 'le nom de cet appareil' }],
  [
    '--keep <devices...>',
    {
      en: 'devices that are not lost, by name; all others are taken out of the vault',
      fr: 'les appareils qui ne sont pas perdus, par leur nom ; tous les autres sont retirés du coffre',
    },
  ],
  [
    '--key-file',
    { en: 'lock it with a key file instead of a passphrase', fr: 'fermer par un fichier de clé' },
  ],
  ['--username <name>', { en: 'for WebDAV: who you are there', fr: 'pour WebDAV : votre nom là-bas' }],
  ['--password-file <file>', { en: 'for WebDAV: the password', fr: 'pour WebDAV : le mot de passe' }],
  ['--region <region>', { en: 'for S3: the region', fr: 'pour S3 : la région' }],
  ['--access-key-id <id>', { en: 'for S3: the name of the key', fr: 'pour S3 : le nom de la clé' }],
  ['--secret-key-file <file>', { en: 'for S3: the secret key', fr: 'pour S3 : la clé secrète' }],
]

/** `kit restore`: a vault from 24 words and a replica, on a machine that has nothing. */
export const KIT_RESTORE: CommandDefinition = {
  words: 'restore',
  about: {
    en: 'bring the vault back on this machine, from the 24 words and any replica',
    fr: 'rendre le coffre sur cette machine, avec les 24 mots et une réplique',
  },
  example: 'muniment kit restore --replica folder:/media/disk/vault --name "New laptop"',
  flags: [
    ['--words-file <file>', { en: 'read the words from a file', fr: 'lire les mots dans un fichier' }],
    [
      '--key-id <id>',
      {
        en: 'the key id of the page: with it every typing error is found',
        fr: 'l’identifiant de clé de la page : avec lui chaque faute de frappe est trouvée',
      },
    ],
    ...RESTORE_FLAGS,
  ],
  run: async (settings, _words, flags) => {
    const { openKit } = await import('../../person/restore/open-kit.ts')
    const places = await placesOf(settings, flags)
    const text = await secretText(flags['wordsFile'], ALL_WORDS[settings.language])
    const keyId = typeof flags['keyId'] === 'string' ? flags['keyId'] : undefined
    const opened = await openKit(text, { keyId })
    if (opened.ok) {
      await restoreAs(settings, flags, { member: opened.member, places })
      return EXIT.done
    }
    if (settings.json) printJson(toJson(opened))
    else for (const problem of opened.problems) printNote(problemLine(jsonOf(problem), settings.language))
    return EXIT.refused
  },
}

/** Restores with the kit's or the guardians' keys, and tells what came back. */
export async function restoreAs(
  settings: Settings,
  flags: JsonObject,
  {
    member,
    places,
  }: { readonly member: RecoveryMember; readonly places: Awaited<ReturnType<typeof placesOf>> },
): Promise<void> {
  const { restoreVault } = await import('../../person/restore/restore-vault.ts')
  const passphrase = await newPassphrase(settings, flags['keyFile'] === true)
  const context = consoleContext(settings)
  try {
    const { vault, report } = await restoreVault({
      folder: settings.folder,
      passphrase,
      name: textFlag(flags['name'], 'This device'),
      member,
      replicas: places,
      chooseLost: lostChooser(settings, flags),
      signal: context.signal,
      onProgress: ({ done, expected }) => context.progress({ step: 'restore', done, expected }),
    })
    const { vaultId, deviceId } = vault
    const records = await vault.count()
    const replicas = toJson(await vault.replicas())
    await vault.close()
    const result = { folder: settings.folder, vaultId, deviceId, records, ...jsonOf(report), replicas }
    if (settings.json) printJson(result)
    else showRestored(result, settings.language)
  } finally {
    context.stop()
  }
}

function jsonOf(value: object): JsonObject {
  const json = toJson(value)
  return isJsonObject(json) ? json : {}
}
