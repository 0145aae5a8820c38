import { callFolder, consoleContext } from '../call-folder.ts'
import { callAndPrint, type CommandDefinition, rowsOf, textFlag } from '../command-kit.ts'
import type { JsonValue } from '../../control/actions.ts'
import { askYes } from '../console-ask.ts'
import { EXIT } from '../exit-code.ts'
import type { Language, Text } from '../language.ts'
import { printJson, printLine, printTable } from '../output.ts'
import { newPassphrase } from './vault.ts'

const JOINED: Text = { en: 'This device has joined the vault.', fr: 'Cet appareil a rejoint le coffre.' }

const INVITE: CommandDefinition = {
  words: 'invite',
  about: {
    en: 'let another device join: shows a link, a QR and a short code',
    fr: 'laisser un autre appareil rejoindre : montre un lien, un QR et un code court',
  },
  example: 'muniment invite',
  run: async (settings) => {
    const result = await callFolder(settings, 'invite', {})
    if (settings.json) printJson(result)
    else printTable(['id', 'name'], rowsOf(result, 'devices'))
  },
}

const JOIN: CommandDefinition = {
  words: 'join <invitation>',
  about: {
    en: 'join a vault by its link or short code',
    fr: 'rejoindre un coffre par son lien ou son code',
  },
  example: 'muniment join K7QH-M2XPT --at /ip4/192.168.1.20/tcp/4001/p2p/12D3KooW… --name Phone',
  flags: [
    [
      '--at <address>',
      {
        en: 'with a short code: where the other device is',
        fr: 'avec un code court : où est l’autre appareil',
      },
    ],
    ['--name <name>', { en: 'what to call this device', fr: 'le nom de cet appareil' }],
    [
      '--key-file',
      { en: 'lock it with a key file instead of a passphrase', fr: 'fermer par un fichier de clé' },
    ],
  ],
  run: async (settings, [invitation = ''], flags) => {
    const { joinVault } = await import('../../person/join-vault.ts')
    const passphrase = await newPassphrase(settings, flags['keyFile'] === true)
    const context = consoleContext(settings)
    try {
      const vault = await joinVault({
        folder: settings.folder,
        passphrase,
        name: textFlag(flags['name'], 'This device'),
        invitation,
        at: typeof flags['at'] === 'string' ? flags['at'] : undefined,
        signal: context.signal,
        confirmWords: async (words) =>
          (await context.ask({ ask: 'confirm-words', words: [...words] })) === 'yes',
      })
      const { vaultId, deviceId } = vault
      const records = await vault.count()
      await vault.close()
      if (settings.json) printJson({ folder: settings.folder, vaultId, deviceId, records })
      else printLine(JOINED[settings.language])
    } finally {
      context.stop()
    }
  },
}

const SYNC: CommandDefinition = {
  words: 'sync',
  about: {
    en: 'fetch what the other devices have, and end when all of it is here',
    fr: 'prendre ce qu’ont les autres appareils, et finir quand tout est là',
  },
  example: 'muniment sync',
  run: (settings) => callAndPrint(settings, 'sync', {}),
}

const LIST: CommandDefinition = {
  words: 'list',
  about: {
    en: 'the devices of this vault, and those that were removed',
    fr: 'les appareils de ce coffre, et ceux qui ont été retirés',
  },
  example: 'muniment device list',
  run: (settings) => callAndPrint(settings, 'devices', {}, showDevices),
}

const SURE: Text = {
  en: 'It gets nothing any more and cannot come back under this key. Remove it',
  fr: 'Il ne recevra plus rien et ne reviendra pas sous cette clé. Le retirer',
}

const REMOVE: CommandDefinition = {
  words: 'remove <device>',
  about: {
    en: 'take a device out of the vault, lost, stolen or sold: it gets nothing any more, and all others get new keys',
    fr: 'retirer un appareil du coffre, perdu, volé ou vendu : il ne reçoit plus rien, et les autres ont de nouvelles clés',
  },
  example: 'muniment device remove Phone',
  run: async (settings, [device = '']) => {
    if (!(await askYes(`${SURE[settings.language]}: ${device}?`))) return EXIT.refused
    return callAndPrint(settings, 'removeDevice', { device }, showDevices)
  },
}

const RENAME: CommandDefinition = {
  words: 'rename <device> <name>',
  about: { en: 'give a device another name', fr: 'donner un autre nom à un appareil' },
  example: 'muniment device rename Phone "Ana’s phone"',
  run: (settings, [device = '', name = '']) =>
    callAndPrint(settings, 'renameDevice', { device, name }, showDevices),
}

const ROTATE: CommandDefinition = {
  words: 'rotate',
  about: {
    en: 'make new keys for the same devices, when the present ones may have been seen',
    fr: 'faire de nouvelles clés pour les mêmes appareils, si les présentes ont pu être vues',
  },
  example: 'muniment device rotate',
  run: (settings) => callAndPrint(settings, 'rotateKeys', {}, showDevices),
}

function showDevices(result: JsonValue, language: Language): void {
  printTable(['name', 'id', 'online'], rowsOf(result, 'devices'))
  const removed = rowsOf(result, 'removed')
  if (removed.length === 0) return
  printLine(REMOVED[language])
  printTable(['name', 'id', 'removedBy', 'refusedEntries'], removed)
}

const REMOVED: Text = { en: '\nRemoved:', fr: '\nRetirés :' }

/** The commands for invite, join and sync. */
export const JOIN_COMMANDS: readonly CommandDefinition[] = [INVITE, JOIN, SYNC]

/** The commands about the devices of a vault. */
export const DEVICE_COMMANDS: readonly CommandDefinition[] = [LIST, REMOVE, RENAME, ROTATE]
