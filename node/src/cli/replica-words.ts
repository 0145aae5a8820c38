import type { JsonObject } from '../control/actions.ts'
import { isJsonObject } from '../control/lines.ts'
import type { Language, Text } from './language.ts'
import { plain } from './output.ts'

const NEVER: Text = { en: 'never', fr: 'jamais' }

const TROUBLES: Readonly<Record<string, Text>> = {
  ERR_REPLICA_UNREACHABLE: {
    en: 'cannot be reached; it is tried again by itself',
    fr: 'injoignable ; nouvel essai automatique',
  },
  ERR_REPLICA_REFUSED: {
    en: 'refuses this vault: look at its address and credentials',
    fr: 'refuse ce coffre : vérifiez l’adresse et les identifiants',
  },
  ERR_REPLICA_FULL: { en: 'has no room left', fr: 'n’a plus de place' },
  ERR_REPLICA_DAMAGED: {
    en: 'does not give back what was written: check it, then repair it',
    fr: 'ne rend pas ce qui a été écrit : vérifiez-la, puis réparez-la',
  },
  ERR_REPLICA_ROLLED_BACK: {
    en: 'has lost what it had before: find out why, then repair it',
    fr: 'a perdu ce qu’elle avait : cherchez pourquoi, puis réparez-la',
  },
  ERR_UNSUPPORTED: {
    en: 'was added by a newer version of Muniment',
    fr: 'a été ajoutée par une version plus récente de Muniment',
  },
}

/** What a check or a restore finds, in French; the English stands in the message. */
const FINDINGS: Readonly<Record<string, string>> = {
  rolled_back: 'la réplique n’a plus ce que des appareils du coffre y avaient écrit',
  not_arrived: 'la réplique n’a pas encore ce qu’un autre appareil y a écrit',
  missing_pack: 'des paquets que la réplique annonce n’y sont pas',
  damaged_pack: 'des paquets sont abîmés, ou ne sont pas ce qui a été écrit',
  unfinished: 'des entrées qui étaient dans le coffre à la dernière écriture n’y sont pas',
  missing_index: 'une liste de paquets n’y est pas',
  damaged_index: 'une liste de paquets est abîmée',
  false_index: 'une liste annonce ce que ses paquets ne contiennent pas',
  damaged_head: 'ce qui dit le contenu de la réplique est abîmé',
  missing_keyring: 'un trousseau de clés n’y est pas',
  damaged_keyring: 'un trousseau de clés est abîmé',
  keyring_refused: 'un trousseau de clés n’a pas pu être pris',
  other_vault: 'un autre coffre est au même endroit',
  old_copy: 'cet appareil est une ancienne copie : la réplique en sait plus que lui',
  no_head: 'la réplique est là, mais rien de lisible ne dit ce qu’elle contient',
  not_for_these_words: 'rien à cet endroit ne s’ouvre avec ces mots',
}

/** A finding as a sentence in the person's language. */
export function findingLine(problem: JsonObject, language: Language): string {
  const code = plain(problem['code'])
  const french = FINDINGS[code] ?? TROUBLES[code]?.fr
  return language === 'fr' && french !== undefined ? french : plain(problem['message'])
}

/** A replica's state as a row for a person. */
export function replicaRow(replica: JsonObject, language: Language): JsonObject {
  const { name, location, confirmedAt, waiting, problem } = replica
  const { code, message } = isJsonObject(problem) ? problem : {}
  const trouble = TROUBLES[plain(code)]?.[language] ?? plain(message)
  return { name, location, confirmed: shownTime(confirmedAt, language), waiting, problem: trouble }
}

/** The columns of {@link replicaRow}. */
export const REPLICA_COLUMNS: readonly string[] = ['name', 'location', 'confirmed', 'waiting', 'problem']

/** A time as a person reads it, in the time of this machine; "never" for none. */
export function shownTime(at: unknown, language: Language): string {
  if (typeof at !== 'number') return NEVER[language]
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB'
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(at)
}
