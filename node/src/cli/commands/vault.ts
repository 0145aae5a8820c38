import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { ERROR_CODES, MunimentError } from '@muniment/interface'
import type { JsonObject } from '../../control/actions.ts'
import { connectOwner } from '../../control/call-actions.ts'
import { isJsonObject } from '../../control/lines.ts'
import { serveActions } from '../../control/serve-actions.ts'
import { socketPath } from '../../control/socket-path.ts'
import { folderKind, usesPassphrase } from '../../home/folder.ts'
import { consoleContext, openFolder, passphraseFrom } from '../call-folder.ts'
import { callAndPrint, type CommandDefinition, textFlag } from '../command-kit.ts'
import { askPassphrase } from '../console-ask.ts'
import { EXIT } from '../exit-code.ts'
import type { Language, Text } from '../language.ts'
import { printJson, printLine, printNote } from '../output.ts'
import type { Settings } from '../settings.ts'
import { showStatus } from '../show-status.ts'

const KEY_FILE_WARNING: Text = {
  en: 'This vault is locked by a key file in its own folder: whoever copies the folder can read it.',
  fr: 'Ce coffre est fermé par un fichier de clé dans son propre dossier : qui copie le dossier peut le lire.',
}
const CREATED: Text = { en: 'Your vault is ready in', fr: 'Votre coffre est prêt dans' }
const UNLOCKED: Text = { en: 'Unlocked.', fr: 'Ouvert.' }
const LOCKED: Text = { en: 'Locked.', fr: 'Fermé.' }
const ALREADY: Text = { en: 'It was locked already.', fr: 'Il était déjà fermé.' }

const CREATE: CommandDefinition = {
  words: 'create',
  about: { en: 'make a vault on this device', fr: 'créer un coffre sur cet appareil' },
  example: 'muniment create --name Laptop',
  flags: [
    ['--name <name>', { en: 'what to call this device', fr: 'le nom de cet appareil' }],
    [
      '--key-file',
      { en: 'lock it with a key file instead of a passphrase', fr: 'fermer par un fichier de clé' },
    ],
  ],
  run: async (settings, _words, flags) => {
    const { createVault } = await import('../../person/create-vault.ts')
    const passphrase = await newPassphrase(settings, flags['keyFile'] === true)
    const vault = await createVault({
      folder: settings.folder,
      passphrase,
      name: textFlag(flags['name'], 'This device'),
    })
    const { vaultId, deviceId } = vault
    await vault.close()
    if (settings.json) printJson({ folder: settings.folder, vaultId, deviceId })
    else printLine(`${CREATED[settings.language]} ${settings.folder}`)
  },
}

const UNLOCK: CommandDefinition = {
  words: 'unlock',
  about: {
    en: 'open the vault in the background, so that commands need no passphrase and devices can sync',
    fr: 'ouvrir le coffre en arrière-plan, pour que les commandes et la synchronisation marchent sans phrase de passe',
  },
  example: 'muniment unlock',
  flags: [
    ['--foreground', { en: 'stay in this terminal', fr: 'rester dans ce terminal' }],
    ['--offline', { en: 'open no network', fr: 'sans réseau' }],
  ],
  run: async (settings, _words, flags) => {
    if (flags['foreground'] === true) await unlockHere(settings, { isOffline: flags['offline'] === true })
    else await unlockInBackground(settings, { isOffline: flags['offline'] === true })
  },
}

const LOCK: CommandDefinition = {
  words: 'lock',
  about: { en: 'end the process that holds the keys', fr: 'terminer le processus qui tient les clés' },
  example: 'muniment lock',
  run: async (settings) => {
    const isLocked = await lockOwner(settings)
    if (settings.json) printJson({ locked: true })
    else printLine((isLocked ? LOCKED : ALREADY)[settings.language])
  },
}

const STATUS: CommandDefinition = {
  words: 'status',
  about: {
    en: 'how the vault stands: devices, records, network',
    fr: 'l’état du coffre : appareils, fiches, réseau',
  },
  example: 'muniment status --json',
  run: (settings) => callAndPrint(settings, 'status', {}, showStatus),
}

/** The commands for create, unlock, lock and status. */
export const VAULT_COMMANDS: readonly CommandDefinition[] = [CREATE, UNLOCK, LOCK, STATUS]

/** The passphrase for something new: from the file, from the terminal, or none with `--key-file`. */
export async function newPassphrase(settings: Settings, keyFile: boolean): Promise<string | undefined> {
  if (keyFile) {
    printNote(KEY_FILE_WARNING[settings.language])
    return undefined
  }
  return (await passphraseFrom(settings)) ?? askPassphrase({ isNew: true, language: settings.language })
}

/** Settings of {@link unlockHere}. */
interface UnlockHereOptions {
  readonly isOffline?: boolean
  /** Tells a person what has started, after it is said to be open. */
  readonly showReady?: (ready: JsonObject, language: Language) => void
}

/** Keeps the folder open in this process until it is told to lock, or interrupted. */
export async function unlockHere(
  settings: Settings,
  { isOffline = false, showReady }: UnlockHereOptions = {},
): Promise<void> {
  // Whoever started it may stop reading, as a background start does once it is ready: the vault stays open.
  process.stdout.on('error', () => undefined)
  const opened = await openFolder(settings)
  const context = consoleContext(settings, { showEvents: true })
  const locked = new AbortController()
  const lock = async (): Promise<null> => {
    // Whoever is told "locked" may open the vault at once: the answer comes when the store is closed.
    await opened.close()
    setImmediate(() => locked.abort())
    return null
  }
  const server = await serveActions(socketPath(settings.folder), { ...opened.actions, lock })
  const start = opened.actions['start']
  const started = start && !isOffline ? await start({}, context) : {}
  const ready = isJsonObject(started) ? started : {}
  if (settings.json) printJson({ event: 'ready', ...ready })
  else {
    printLine(UNLOCKED[settings.language])
    showReady?.(ready, settings.language)
  }
  const done = AbortSignal.any([locked.signal, context.signal])
  if (!done.aborted) await new Promise((resolve) => done.addEventListener('abort', resolve, { once: true }))
  context.stop()
  await server.close()
  if (!locked.signal.aborted) await opened.close()
  process.exit(EXIT.done)
}

/** Starts another process that keeps the folder open; the passphrase goes to it by its standard input. */
async function unlockInBackground(settings: Settings, { isOffline }: { isOffline: boolean }): Promise<void> {
  if ((await folderKind(settings.folder)) === undefined) {
    throw new MunimentError('ERR_NO_VAULT', `there is no vault in ${settings.folder}`)
  }
  const passphrase = (await usesPassphrase(settings.folder))
    ? ((await passphraseFrom(settings)) ??
      (await askPassphrase({ isNew: false, language: settings.language })))
    : undefined
  const launcher = fileURLToPath(new URL('../../../muniment.js', import.meta.url))
  const words = ['unlock', '--foreground', '--json', '--folder', settings.folder]
  const flags = ['--passphrase-file', '-', ...(isOffline ? ['--offline'] : [])]
  const child = spawn(process.execPath, [launcher, ...words, ...flags], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.end(`${passphrase ?? ''}\n`)
  const answer = await firstLine(child)
  child.stdout.destroy()
  child.unref()
  if (answer['event'] !== 'ready') throw backgroundError(answer)
  if (settings.json) printJson({ unlocked: true, pid: child.pid ?? null })
  else printLine(UNLOCKED[settings.language])
}

/** The first JSON line that a child prints; an empty object when it ends without one. */
function firstLine(child: ChildProcessByStdio<Writable, Readable, null>): Promise<JsonObject> {
  return new Promise((resolve) => {
    let text = ''
    const settle = (): void => {
      const line: unknown = text === '' ? {} : JSON.parse(text.slice(0, text.indexOf('\n')))
      resolve(isJsonObject(line) ? line : {})
    }
    child.stdout.on('data', (bytes: Buffer) => {
      text += bytes.toString()
      if (text.includes('\n')) settle()
    })
    child.on('close', settle)
  })
}

function backgroundError({ error }: JsonObject): MunimentError {
  const { code, message } = isJsonObject(error) ? error : {}
  const known = ERROR_CODES.find((candidate) => candidate === code) ?? 'ERR_INTERNAL'
  return new MunimentError(known, textFlag(message, 'the vault could not be opened in the background'))
}

async function lockOwner(settings: Settings): Promise<boolean> {
  const owner = await connectOwner(socketPath(settings.folder))
  if (!owner) return false
  const context = consoleContext(settings)
  try {
    await owner.call('lock', {}, context)
    return true
  } finally {
    owner.close()
    context.stop()
  }
}
