import { MunimentError } from '@muniment/interface'
import type { JsonObject } from '../../control/actions.ts'
import { connectOwner } from '../../control/call-actions.ts'
import { isJsonObject } from '../../control/lines.ts'
import { socketPath } from '../../control/socket-path.ts'
import { callFolder, consoleContext } from '../call-folder.ts'
import { callAndPrint, type CommandDefinition, rowsOf } from '../command-kit.ts'
import { EXIT } from '../exit-code.ts'
import { plain, printJson, printLine, printTable } from '../output.ts'
import type { Settings } from '../settings.ts'
import { ERASE } from './erase.ts'

const COLUMNS = ['time', 'title', 'collection', 'assurance', 'id']

const IMPORT_FILES: CommandDefinition = {
  words: 'import <files...>',
  about: {
    en: 'bring in files you were given: bank statements',
    fr: 'importer vos fichiers : relevés bancaires',
  },
  example: 'muniment import statement.ofx --dry-run --json',
  flags: [
    ['--dry-run', { en: 'read and report, keep nothing', fr: 'lire et rendre compte, ne rien garder' }],
  ],
  run: async (settings, files, flags) => {
    const report =
      flags['dryRun'] === true
        ? await dryRun(settings, files)
        : await callFolder(settings, 'import', { files: files.map((file) => absolute(file)) })
    if (settings.json) printJson(report)
    else printReport(rowsOf(report, 'files'))
    return rowsOf(report, 'files').some((file) => file['error'] !== undefined) ? EXIT.refused : EXIT.done
  },
}

const IMPORTS: CommandDefinition = {
  words: 'imports',
  about: { en: 'what was imported, newest first', fr: 'ce qui a été importé, le plus récent d’abord' },
  example: 'muniment imports',
  run: (settings) =>
    callAndPrint(settings, 'imports', {}, (result) => {
      printTable(['importId', 'file', 'format', 'count'], rowsOf(result, 'imports'))
    }),
}

const UNDO_IMPORT: CommandDefinition = {
  words: 'undo-import <id>',
  about: {
    en: 'take an import out again, on all devices',
    fr: 'retirer un import, sur tous les appareils',
  },
  example: 'muniment undo-import 7Qx…',
  run: (settings, [id = '']) => callAndPrint(settings, 'undoImport', { importId: id }),
}

const RECORDS: CommandDefinition = {
  words: 'records',
  about: { en: 'the newest records', fr: 'les fiches les plus récentes' },
  example: 'muniment records --collection bank-transaction --limit 20',
  flags: [
    ['--collection <name>', { en: 'of one kind only', fr: 'd’un seul genre' }],
    ['--limit <count>', { en: 'how many', fr: 'combien' }],
  ],
  run: (settings, _words, flags) => {
    const limit = Number(flags['limit'] ?? 50)
    if (!Number.isSafeInteger(limit) || limit < 1) {
      throw new MunimentError('ERR_USAGE', 'the limit is a whole number from 1')
    }
    return callAndPrint(settings, 'records', { limit, collection: flags['collection'] }, (result) => {
      printTable(COLUMNS, rowsOf(result, 'records'))
    })
  },
}

const RECORD: CommandDefinition = {
  words: 'record <id>',
  about: { en: 'one record, with where it came from', fr: 'une fiche, avec sa provenance' },
  example: 'muniment record q3V….17',
  run: (settings, [id = '']) => callAndPrint(settings, 'record', { id }),
}

const SEARCH: CommandDefinition = {
  words: 'search <text>',
  about: { en: 'find records by their title', fr: 'trouver des fiches par leur titre' },
  example: 'muniment search boulangerie',
  run: (settings, [text = '']) =>
    callAndPrint(settings, 'search', { text }, (result) => {
      printTable(COLUMNS, rowsOf(result, 'records'))
    }),
}

const NOTE: CommandDefinition = {
  words: 'note <title> [fields...]',
  about: { en: 'write a record yourself', fr: 'écrire une fiche soi-même' },
  example: 'muniment note "Car insurance" insurer=Maaf renewal=2027-01-31',
  run: (settings, [title = '', ...fields]) =>
    callAndPrint(settings, 'note', {
      title,
      fields: Object.fromEntries(fields.map((field) => parseField(field))),
    }),
}

const EDIT: CommandDefinition = {
  words: 'edit <id> <fields...>',
  about: { en: 'change fields of a record', fr: 'changer des champs d’une fiche' },
  example: 'muniment edit q3V….17 label=holidays',
  run: (settings, [id = '', ...fields]) =>
    callAndPrint(settings, 'edit', {
      id,
      fields: Object.fromEntries(fields.map((field) => parseField(field))),
    }),
}

const CONFLICTS: CommandDefinition = {
  words: 'conflicts',
  about: {
    en: 'fields that two devices changed without knowing',
    fr: 'les champs changés à la fois sur deux appareils',
  },
  example: 'muniment conflicts',
  run: (settings) =>
    callAndPrint(settings, 'conflicts', {}, (result) => {
      printTable(['id', 'field', 'values'], rowsOf(result, 'conflicts'))
    }),
}

const SETTLE: CommandDefinition = {
  words: 'settle <id> <field> <value>',
  about: {
    en: 'close a conflict with the value that holds',
    fr: 'régler un conflit par la valeur qui vaut',
  },
  example: 'muniment settle q3V….17 label holidays',
  run: (settings, [id = '', field = '', value = '']) =>
    callAndPrint(settings, 'settle', { id, field, value }),
}

/** The commands for importing, reading and editing records. */
export const RECORD_COMMANDS: readonly CommandDefinition[] = [
  IMPORT_FILES,
  IMPORTS,
  UNDO_IMPORT,
  ERASE,
  RECORDS,
  RECORD,
  SEARCH,
  NOTE,
  EDIT,
  CONFLICTS,
  SETTLE,
]

/** A dry run needs no vault. Where this one is open already, duplicates are also counted against what it holds. */
async function dryRun(settings: Settings, files: readonly string[]): Promise<JsonObject> {
  const owner = await connectOwner(socketPath(settings.folder))
  owner?.close()
  if (owner) {
    const result = await callFolder(settings, 'import', {
      files: files.map((file) => absolute(file)),
      dryRun: true,
    })
    if (isJsonObject(result)) return result
  }
  const { reportFiles } = await import('../../importers/report-files.ts')
  const context = consoleContext(settings)
  try {
    return await reportFiles(files, context)
  } finally {
    context.stop()
  }
}

function absolute(file: string): string {
  return file.startsWith('/') ? file : `${process.cwd()}/${file}`
}

function printReport(files: readonly JsonObject[]): void {
  for (const file of files) {
    const { path, format, imported, duplicates, skipped, unknown, total, error } = file
    printLine(`${plain(path)}: ${plain(format)}, ${plain(imported)} new, ${plain(duplicates)} duplicates`)
    if (error) printLine(`  ${plain(error)}`)
    if (total) printLine(`  ${plain(total)}`)
    if (Array.isArray(skipped)) for (const each of skipped) printLine(`  skipped: ${plain(each)}`)
    if (Array.isArray(unknown) && unknown.length > 0) printLine(`  not understood: ${unknown.join(', ')}`)
  }
}

function parseField(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new MunimentError('ERR_USAGE', 'a field is written name=value')
  return [text.slice(0, at), text.slice(at + 1)]
}
