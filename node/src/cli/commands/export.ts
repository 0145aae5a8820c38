import { resolve } from 'node:path'
import { MunimentError } from '@muniment/interface'
import type { JsonObject } from '../../control/actions.ts'
import { isJsonObject } from '../../control/lines.ts'
import { passphraseFrom } from '../call-folder.ts'
import { callAndPrint, type CommandDefinition, type Show } from '../command-kit.ts'
import { plain, printLine } from '../output.ts'
import type { Settings } from '../settings.ts'

const EXPORT: CommandDefinition = {
  words: 'export <file>',
  about: {
    en: 'write everything as open files into one archive that the program age opens',
    fr: 'écrire tout, en fichiers ouverts, dans une archive que le programme age ouvre',
  },
  example: 'muniment export vault.tar.age --recipient age1…',
  flags: [
    ['--recipient <keys...>', { en: 'age keys that will open it', fr: 'les clés age qui l’ouvriront' }],
    [
      '--archive-passphrase-file <file>',
      {
        en: 'a passphrase that will open it instead: the first line of a file',
        fr: 'ou une phrase de passe qui l’ouvrira : la première ligne d’un fichier',
      },
    ],
  ],
  run: async (settings, [file = ''], flags) => {
    const passphrase = await archivePassphrase(settings, flags)
    const { recipient } = flags
    if ((recipient === undefined) === (passphrase === undefined)) {
      throw new MunimentError(
        'ERR_USAGE',
        'say what will open the archive: either --recipient or --archive-passphrase-file',
      )
    }
    await callAndPrint(
      settings,
      'export',
      { path: resolve(file), recipients: recipient, passphrase },
      showReport,
    )
  },
}

/** The commands for leaving. */
export const EXPORT_COMMANDS: readonly CommandDefinition[] = [EXPORT]

/** The archive's own passphrase; the one that opens the vault is another. */
async function archivePassphrase(settings: Settings, flags: JsonObject): Promise<string | undefined> {
  const file = flags['archivePassphraseFile']
  if (typeof file !== 'string') return undefined
  if (file === settings.passphraseFile) {
    throw new MunimentError('ERR_USAGE', 'an archive has a passphrase of its own, in a file of its own')
  }
  return passphraseFrom({ ...settings, passphraseFile: file })
}

const showReport: Show = (result, language) => {
  if (!isJsonObject(result)) return
  const [path, files, records] = [plain(result['path']), plain(result['files']), plain(result['records'])]
  const [copies, entries] = [plain(result['copies']), plain(result['ledgerEntries'])]
  printLine(
    language === 'fr'
      ? `${path} : ${files} fichiers ; ${records} fiches, ${copies} exemplaires d’attestations, ${entries} entrées du registre.`
      : `${path}: ${files} files; ${records} records, ${copies} copies of credentials, ${entries} ledger entries.`,
  )
}
