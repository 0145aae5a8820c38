import type { JsonObject, JsonValue } from '../../control/actions.ts'
import { isJsonObject } from '../../control/lines.ts'
import { callFolder } from '../call-folder.ts'
import { type CommandDefinition, rowsOf } from '../command-kit.ts'
import { EXIT } from '../exit-code.ts'
import type { Language } from '../language.ts'
import { plain, printJson, printLine } from '../output.ts'

const CHECK: CommandDefinition = {
  words: 'check',
  about: {
    en: 'read every row and file of the vault: what the disk damaged, what came back, what is missing',
    fr: 'lire toutes les lignes et tous les fichiers du coffre : dégâts du disque, ce qui est revenu, ce qui manque',
  },
  example: 'muniment check',
  flags: [
    [
      '--give-up',
      {
        en: 'go on without what is missing: no other device or replica has it any more',
        fr: 'continuer sans ce qui manque : aucun autre appareil ni réplique ne l’a plus',
      },
    ],
  ],
  run: async (settings, _words, flags) => {
    const report = await callFolder(settings, 'check', { giveUp: flags['giveUp'] === true })
    if (settings.json) printJson(report)
    else for (const line of checkLines(report, settings.language)) printLine(line)
    return isJsonObject(report) && report['ok'] === true ? EXIT.done : EXIT.refused
  },
}

/** The command for damage of the disk. */
export const CHECK_COMMANDS: readonly CommandDefinition[] = [CHECK]

/** What a person is told after a check, a line each. */
export function checkLines(report: JsonValue, language: Language): readonly string[] {
  if (!isJsonObject(report)) return []
  const isFrench = language === 'fr'
  const rows = plain(report['rows'])
  if (report['ok'] === true) {
    const whole = isFrench
      ? `${rows} lignes lues : tout est tel que ce fut écrit.`
      : `${rows} rows read: everything is as it was written.`
    return [whole, ...goneLines(report, isFrench), ...incidentLines(report, isFrench)]
  }
  const read = isFrench
    ? `${rows} lignes lues, dont ${plain(report['damagedRows'])} ne s’ouvrent pas.`
    : `${rows} rows read, of which ${plain(report['damagedRows'])} do not open.`
  return [
    read,
    ...fileLines(report, isFrench),
    ...openLines(report, isFrench),
    ...incidentLines(report, isFrench),
  ]
}

function fileLines(report: JsonObject, isFrench: boolean): string[] {
  const lines: string[] = []
  const { damagedFiles, smallFiles } = report
  if (typeof damagedFiles === 'string')
    lines.push(isFrench ? `Fichiers : ${plain(damagedFiles)}.` : `Files: ${plain(damagedFiles)}.`)
  if (Array.isArray(smallFiles) && smallFiles.length > 0) {
    const names = smallFiles.map(plain).join(', ')
    lines.push(isFrench ? `Endommagés : ${names}.` : `Damaged: ${names}.`)
  }
  if (lines.length > 0 || Number(report['damagedRows']) > 0) {
    lines.push(
      isFrench
        ? 'Ce sera réparé à la prochaine ouverture du coffre : muniment lock, puis muniment unlock.'
        : 'It is mended when the vault is opened the next time: muniment lock, then muniment unlock.',
    )
  }
  return lines
}

function openLines(report: JsonObject, isFrench: boolean): string[] {
  const { damage } = report
  const open = isJsonObject(damage) ? damage['open'] : undefined
  if (!isJsonObject(open)) return []
  const lines = rowsOf(open, 'entries').map(({ name, first, last }) =>
    isFrench
      ? `Perdu : les entrées ${plain(first)} à ${plain(last)} de ${plain(name)}. Un autre appareil les rend à la prochaine synchronisation.`
      : `Lost: entries ${plain(first)} to ${plain(last)} of ${plain(name)}. Another device gives them back at the next sync.`,
  )
  if (open['keyring'] === true) {
    lines.push(
      isFrench
        ? 'Les clés du coffre sont perdues ici : un autre appareil les rend à la prochaine synchronisation.'
        : 'The keys of the vault are lost here: another device gives them back at the next sync.',
    )
  }
  if (open['head'] === true) {
    lines.push(
      isFrench
        ? 'Cet appareil n’écrit rien avant qu’un autre ait dit jusqu’où il avait écrit.'
        : 'This device writes nothing before another one has said how much it had written.',
    )
  }
  return lines
}

function goneLines({ damage }: JsonObject, isFrench: boolean): string[] {
  if (!isJsonObject(damage)) return []
  return rowsOf(damage, 'gone').map(({ name, first, last }) =>
    isFrench
      ? `Perdu pour de bon : les entrées ${plain(first)} à ${plain(last)} de ${plain(name)}.`
      : `Lost for good: entries ${plain(first)} to ${plain(last)} of ${plain(name)}.`,
  )
}

function incidentLines(report: JsonObject, isFrench: boolean): string[] {
  const { damage } = report
  if (!isJsonObject(damage)) return []
  const found = rowsOf(damage, 'incidents').map((incident) => {
    const at = new Date(Number(incident['at'])).toISOString().slice(0, 16).replace('T', ' ')
    const what = incidentWords(incident, isFrench)
    return isFrench
      ? `${at} : ${what}. Ce qui fut trouvé est gardé dans ${plain(incident['kept'])}.`
      : `${at}: ${what}. What was found is kept in ${plain(incident['kept'])}.`
  })
  const back = rowsOf(damage, 'healed').map(({ entries, from }) => {
    const names = Array.isArray(from) && from.length > 0 ? from.map(plain).join(', ') : '—'
    return isFrench
      ? `${plain(entries)} entrées rendues par ${names}.`
      : `${plain(entries)} entries given back by ${names}.`
  })
  return [...found, ...back]
}

function incidentWords({ corrected, lost, isKeyringLost }: JsonObject, isFrench: boolean): string {
  const words: string[] = []
  if (Array.isArray(corrected) && corrected.length > 0) {
    const names = corrected.map(plain).join(', ')
    words.push(isFrench ? `un bit corrigé dans ${names}` : `flipped bits set right in ${names}`)
  }
  if (isJsonObject(lost)) {
    const { parts, rows, entries, spentCopies } = lost
    words.push(
      isFrench
        ? `${plain(parts)} blocs et ${plain(rows)} lignes illisibles, ${plain(entries)} entrées perdues, ${plain(spentCopies)} exemplaires d’attestations à ne plus montrer`
        : `${plain(parts)} blocks and ${plain(rows)} rows unreadable, ${plain(entries)} entries lost, ${plain(spentCopies)} copies of credentials not to be shown any more`,
    )
  }
  if (isKeyringLost === true) words.push(isFrench ? 'trousseau illisible' : 'keyring unreadable')
  return words.join('; ')
}
