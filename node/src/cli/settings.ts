import { resolve } from 'node:path'
import envPaths from 'env-paths'
import { chooseLanguage, type Language } from './language.ts'

/** What every command is told. */
export interface Settings {
  /** The folder of the vault or organisation. */
  readonly folder: string
  readonly json: boolean
  readonly language: Language
  readonly passphraseFile: string | undefined
}

/** The flags every command takes, as commander gives them. */
export interface GlobalFlags {
  readonly folder?: string
  readonly json?: boolean
  readonly lang?: string
  readonly passphraseFile?: string
}

/** The settings from flags, then from `MUNIMENT_FOLDER`, `MUNIMENT_PASSPHRASE_FILE` and the locale. */
export function readSettings(flags: GlobalFlags, env: NodeJS.ProcessEnv = process.env): Settings {
  const folder = flags.folder ?? env['MUNIMENT_FOLDER'] ?? envPaths('muniment', { suffix: '' }).data
  return {
    folder: resolve(folder),
    json: flags.json === true,
    language: chooseLanguage(flags.lang, env),
    passphraseFile: flags.passphraseFile ?? env['MUNIMENT_PASSPHRASE_FILE'],
  }
}
