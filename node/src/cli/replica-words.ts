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
