import { MunimentError } from '@muniment/interface'
import { isJsonObject } from '../../control/lines.ts'
import { callFolder } from '../call-folder.ts'
import { type CommandDefinition, textFlag } from '../command-kit.ts'
import { askYes } from '../console-ask.ts'
import type { Text } from '../language.ts'
import { printJson } from '../output.ts'
import { showErased } from '../show-erasures.ts'

const SURE: Text = {
  en: 'Erase this import with all that you wrote about its records, on all devices? It cannot be taken back.',
  fr: 'Effacer cet import avec tout ce que vous avez écrit sur ses fiches, sur tous les appareils ? C’est sans retour.',
}

/** The command that erases for good. */
export const ERASE: CommandDefinition = {
  words: 'erase',
  about: {
    en: 'erase an import for good, on all devices: the keys that open it are destroyed',
    fr: 'effacer un import pour de bon, sur tous les appareils : les clés qui l’ouvrent sont détruites',
  },
  example: 'muniment erase --import 7Qx…',
  flags: [
    [
      '--import <id>',
      {
        en: 'the import, as muniment imports shows it; one that was undone too',
        fr: 'l’import, comme muniment imports le montre ; aussi un import déjà retiré',
      },
    ],
    ['--yes', { en: 'do not ask first', fr: 'sans demander' }],
  ],
  run: async (settings, _words, flags) => {
    const importId = textFlag(flags['import'], '')
    if (importId === '') throw new MunimentError('ERR_USAGE', 'say what to erase: --import ID')
    const isSure = flags['yes'] === true || settings.json || (await askYes(SURE[settings.language]))
    if (!isSure) throw new MunimentError('ERR_ABORTED', 'nothing was erased')
    const erasure = await callFolder(settings, 'eraseImport', { importId })
    if (settings.json) printJson(erasure)
    else if (isJsonObject(erasure)) showErased(erasure, settings.language)
  },
}
