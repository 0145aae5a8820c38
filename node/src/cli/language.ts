/** The languages a person is spoken to in. */
export type Language = 'en' | 'fr'

/** One text in every language. */
export interface Text {
  readonly en: string
  readonly fr: string
}

/** The language asked for with `--lang`, else that of the system's locale, else English. */
export function chooseLanguage(asked: string | undefined, env: NodeJS.ProcessEnv): Language {
  const locale = asked ?? env['LC_ALL'] ?? env['LC_MESSAGES'] ?? env['LANG'] ?? ''
  return locale.toLowerCase().startsWith('fr') ? 'fr' : 'en'
}
