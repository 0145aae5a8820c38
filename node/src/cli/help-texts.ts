import type { Command, HelpConfiguration } from 'commander'
import type { Language, Text } from './language.ts'

/** The headings that commander writes in English. */
const FRENCH_TITLES: Readonly<Record<string, string>> = {
  'Usage:': 'Utilisation :',
  'Arguments:': 'Paramètres :',
  'Options:': 'Drapeaux :',
  'Global Options:': 'Drapeaux de toutes les commandes :',
  'Commands:': 'Commandes :',
}
const SHOW_HELP: Text = { en: 'show this help', fr: 'montrer cette aide' }
const HELP_OF: Text = { en: 'show the help of a command', fr: 'montrer l’aide d’une commande' }

/** Makes a command's help speak the person's language, and name the flags that every command takes. */
export function speak(command: Command, language: Language): Command {
  const configuration: HelpConfiguration = {
    showGlobalOptions: true,
    styleTitle: (title) => (language === 'fr' ? (FRENCH_TITLES[title] ?? title) : title),
  }
  command.configureHelp(configuration).helpOption('-h, --help', SHOW_HELP[language])
  return command
}

/** The text of the command `help` of a group. */
export function helpCommandText(language: Language): string {
  return HELP_OF[language]
}
