import type { Command } from 'commander'
import type { JsonObject, JsonValue } from '../control/actions.ts'
import { callFolder } from './call-folder.ts'
import { speak } from './help-texts.ts'
import type { Language, Text } from './language.ts'
import { unmarked, unmarkedFlags } from './leading-dash.ts'
import { printJson, printMembers } from './output.ts'
import { type GlobalFlags, readSettings, type Settings } from './settings.ts'

/** A command: its words, what it is for, an example, its flags, and what it does. */
export interface CommandDefinition {
  readonly words: string
  readonly about: Text
  readonly example: string
  readonly flags?: readonly (readonly [flag: string, about: Text])[]
  /** Runs it; gives the exit code, or nothing for "done". */
  readonly run: (settings: Settings, words: readonly string[], flags: JsonObject) => Promise<number | void>
}

const EXAMPLE: Text = { en: 'Example', fr: 'Exemple' }

/** Adds a command with its help in the person's language. */
export function addCommand(parent: Command, language: Language, definition: CommandDefinition): void {
  const command = speak(parent.command(definition.words), language)
    .description(definition.about[language])
    .exitOverride()
  for (const [flag, about] of definition.flags ?? []) command.option(flag, about[language])
  command.addHelpText('after', `\n${EXAMPLE[language]}:\n  ${definition.example}`)
  command.action(async () => {
    const flags = unmarkedFlags<GlobalFlags & JsonObject>(command.optsWithGlobals())
    const words = command.processedArgs
      .flat()
      .filter((word): word is string => typeof word === 'string')
      .map(unmarked)
    const code = await definition.run(readSettings(flags), words, flags)
    if (typeof code === 'number') process.exitCode = code
  })
}

/** Shows an answer to a person, in their language. */
export type Show = (result: JsonValue, language: Language) => void

/** Calls one action of the folder and prints its answer: as JSON, or as `show` shows it. */
export async function callAndPrint(
  settings: Settings,
  action: string,
  parameters: JsonObject,
  show: Show = printMembers,
): Promise<void> {
  const result = await callFolder(settings, action, parameters)
  if (settings.json) printJson(result)
  else show(result, settings.language)
}

/** The objects of a list in an answer. */
export function rowsOf(result: JsonValue, member: string): readonly JsonObject[] {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return []
  const list: unknown = Reflect.get(result, member)
  return Array.isArray(list)
    ? list.filter((row): row is JsonObject => typeof row === 'object' && row !== null)
    : []
}

/** A flag's text, or `otherwise` when it was not given. */
export function textFlag(flag: JsonValue | undefined, otherwise: string): string {
  return typeof flag === 'string' ? flag : otherwise
}
