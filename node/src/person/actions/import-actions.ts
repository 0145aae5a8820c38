import { MunimentError } from '@muniment/interface'
import type { Action, Actions, JsonValue } from '../../control/actions.ts'
import { text, texts } from '../../control/parameters.ts'
import { toJson } from '../../control/to-json.ts'
import { reportFiles } from '../../importers/report-files.ts'
import type { PersonVault } from '../person-vault.ts'

/** What may be asked about imported files. */
export function importActions(vault: PersonVault): Actions {
  const importFiles: Action = async (parameters, context) => {
    const paths = texts(parameters, 'files')
    if (parameters['dryRun'] === true) return toJson(await reportFiles(paths, context))
    const files: JsonValue[] = []
    for (const path of paths) {
      const { signal, progress } = context
      try {
        const report = await vault.import(path, {
          signal,
          onProgress: ({ imported }) => progress({ step: path, done: imported }),
        })
        const { importId, format, imported, duplicates, skipped, unknown, total } = report
        files.push(toJson({ path, importId, format, imported, duplicates, skipped, unknown, total }))
      } catch (error) {
        if (!(error instanceof MunimentError)) throw error
        const { code, message } = error
        const nothing = { imported: 0, duplicates: 0, skipped: [], unknown: [], total: {} }
        files.push({ path, ...nothing, error: message, code })
      }
    }
    return { files }
  }
  return {
    import: importFiles,
    imports: async () => ({ imports: toJson(vault.imports()) }),
    async undoImport(parameters) {
      await vault.undoImport(text(parameters, 'importId'))
      return { undone: true }
    },
    eraseImport: async (parameters) => toJson(await vault.eraseImport(text(parameters, 'importId'))),
  }
}
