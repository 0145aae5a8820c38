import { callFolder, consoleContext } from '../call-folder.ts'
import { callAndPrint, type CommandDefinition, rowsOf, textFlag } from '../command-kit.ts'
import type { Text } from '../language.ts'
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

const DEVICES: CommandDefinition = {
  words: 'devices',
  about: { en: 'the devices of this vault', fr: 'les appareils de ce coffre' },
  example: 'muniment devices',
  run: (settings) =>
    callAndPrint(settings, 'devices', {}, (result) => {
      printTable(['name', 'id', 'online'], rowsOf(result, 'devices'))
    }),
}

/** The commands for invite, join and devices. */
export const DEVICE_COMMANDS: readonly CommandDefinition[] = [INVITE, JOIN, SYNC, DEVICES]
