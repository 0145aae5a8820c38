import { readFile } from 'node:fs/promises'
import { MunimentError } from '@muniment/interface'
import { connectOwner } from '../control/call-actions.ts'
import type { ActionContext, Actions, JsonObject, JsonValue, Question } from '../control/actions.ts'
import { socketPath } from '../control/socket-path.ts'
import { folderKind, usesPassphrase } from '../home/folder.ts'
import { askPassphrase, askPerson, closeInput, nextLine } from './console-ask.ts'
import { plain, printJson, printNote, printQr } from './output.ts'
import type { Text } from './language.ts'
import type { Settings } from './settings.ts'

/** A folder opened in this process. */
export interface OpenedFolder {
  readonly actions: Actions
  close(): Promise<void>
}

/** Settings of {@link consoleContext}. */
export interface ConsoleOptions {
  readonly showEvents?: boolean
  /** Answers the questions of a command in its own way; the usual way for those it gives `undefined` for. */
  readonly ask?: (question: Question) => Promise<string> | undefined
}

/** How this process talks with the person while an action runs. */
export function consoleContext(
  settings: Settings,
  { showEvents = false, ask }: ConsoleOptions = {},
): ActionContext & { stop(): void } {
  const abort = new AbortController()
  const giveUp = (): void => abort.abort()
  process.once('SIGINT', giveUp)
  process.once('SIGTERM', giveUp)
  return {
    signal: abort.signal,
    progress(event) {
      if (settings.json && (showEvents || 'event' in event)) printJson(event)
      else if (event['event'] === 'invitation') showInvitation(event, settings)
      else if (process.stderr.isTTY && typeof event['step'] === 'string') {
        process.stderr.write(`\r${event['step']} ${plain(event['done'])} `)
      }
    },
    ask: (question) => ask?.(question) ?? askPerson(question, settings),
    stop() {
      process.off('SIGINT', giveUp)
      process.off('SIGTERM', giveUp)
      closeInput()
    },
  }
}

/**
 * Runs one action of a folder: in the process that has it open, or, when none has, by opening it here for as long as
 * the action takes. Throws `ERR_NO_VAULT` where there is none.
 */
export async function callFolder(
  settings: Settings,
  action: string,
  parameters: JsonObject,
  options: ConsoleOptions = {},
): Promise<JsonValue> {
  const context = consoleContext(settings, options)
  try {
    const owner = await connectOwner(socketPath(settings.folder))
    if (owner) {
      try {
        return await owner.call(action, parameters, context)
      } finally {
        owner.close()
      }
    }
    const opened = await openFolder(settings)
    try {
      const run = opened.actions[action]
      if (!run) throw new MunimentError('ERR_UNSUPPORTED', 'this folder does not offer that')
      return await run(parameters, context)
    } finally {
      await opened.close()
    }
  } finally {
    context.stop()
  }
}

/** Opens the folder in this process, asking for the passphrase if it has one. */
export async function openFolder(settings: Settings): Promise<OpenedFolder> {
  const kind = await folderKind(settings.folder)
  if (kind === undefined) {
    throw new MunimentError(
      'ERR_NO_VAULT',
      `there is no vault in ${settings.folder}: make one with "muniment create"`,
    )
  }
  const unlock = { folder: settings.folder, passphrase: await readPassphrase(settings) }
  if (kind === 'person') {
    const { openPersonActions } = await import('../person/actions.ts')
    return openPersonActions(unlock)
  }
  const { openOrganisationActions } = await import('../organisation/actions.ts')
  return openOrganisationActions(unlock)
}

async function readPassphrase(settings: Settings): Promise<string | undefined> {
  if (!(await usesPassphrase(settings.folder))) return undefined
  return (await passphraseFrom(settings)) ?? askPassphrase({ isNew: false, language: settings.language })
}

let fromInput: Promise<string> | undefined

/** The passphrase in the file that the person named: its first line. `-` is standard input. */
export async function passphraseFrom({ passphraseFile }: Settings): Promise<string | undefined> {
  if (passphraseFile === undefined) return undefined
  // Standard input may be a socket, which cannot be opened by the name /dev/stdin.
  if (passphraseFile === '-' || passphraseFile === '/dev/stdin') return (fromInput ??= nextLine())
  try {
    return (await readFile(passphraseFile, 'utf8')).split(/\r?\n/u)[0] ?? ''
  } catch (cause) {
    throw new MunimentError('ERR_USAGE', 'the passphrase file cannot be read', { cause })
  }
}

const SCAN: Text = {
  en: 'Scan this with the other device, or type the code there:',
  fr: 'Scannez ceci avec l’autre appareil, ou tapez-y le code :',
}

/** The invitation as a person passes it on: the QR, the link, and the code with where to find this device. */
function showInvitation(event: JsonObject, { language }: Settings): void {
  const link = plain(event['link'])
  const [address = ''] = Array.isArray(event['addresses']) ? event['addresses'] : []
  printNote(SCAN[language])
  printQr(link)
  printNote(`${link}\n\n${plain(event['code'])} --at ${plain(address)}`)
}
