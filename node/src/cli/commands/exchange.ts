import { MunimentError } from '@muniment/interface'
import type { JsonObject, JsonValue } from '../../control/actions.ts'
import { callAndPrint, type CommandDefinition, rowsOf } from '../command-kit.ts'
import type { Language } from '../language.ts'
import { plain, printLine, printMembers, printTable } from '../output.ts'

const CHOICE_FLAGS = [
  ['--alternative', { en: 'take the alternative that is offered', fr: 'prendre l’autre choix proposé' }],
  [
    '--without <claims...>',
    { en: 'leave optional claims out', fr: 'laisser de côté des données facultatives' },
  ],
  ['--keep-days <days>', { en: 'let them keep it for fewer days', fr: 'réduire la durée de conservation' }],
  ['--strike <parties...>', { en: 'strike out third parties, by id', fr: 'rayer des tiers, par leur nom' }],
] as const

const RECEIVE: CommandDefinition = {
  words: 'receive <link>',
  about: {
    en: 'take the credentials that an issuer offers you',
    fr: 'prendre les attestations qu’un émetteur vous offre',
  },
  example: 'muniment receive "muniment:credential?…"',
  flags: [
    ['--tx-code <code>', { en: 'the code the issuer gave you another way', fr: 'le code reçu autrement' }],
  ],
  run: (settings, [link = ''], flags) => callAndPrint(settings, 'receive', { link, txCode: flags['txCode'] }),
}

const CREDENTIALS: CommandDefinition = {
  words: 'credentials',
  about: {
    en: 'what organisations have certified about you',
    fr: 'ce que des organisations attestent de vous',
  },
  example: 'muniment credentials',
  run: (settings) =>
    callAndPrint(settings, 'credentials', {}, (result) => {
      printTable(['title', 'issuer', 'freshCopies', 'id'], rowsOf(result, 'credentials'))
    }),
}

const REQUEST: CommandDefinition = {
  words: 'request <link>',
  about: {
    en: 'open an organisation’s request: who asks, what, and what for',
    fr: 'ouvrir une demande : qui, quoi, pourquoi',
  },
  example: 'muniment request "muniment:request?…"',
  run: (settings, [link = '']) =>
    callAndPrint(settings, 'request', { link, language: settings.language }, showRequest),
}

const INBOX: CommandDefinition = {
  words: 'inbox',
  about: { en: 'requests that wait for you', fr: 'les demandes qui vous attendent' },
  example: 'muniment inbox',
  run: (settings) =>
    callAndPrint(settings, 'inbox', {}, (result) => {
      printTable(['id', 'who', 'purpose', 'state'], rowsOf(result, 'requests'))
    }),
}

const SHARES: CommandDefinition = {
  words: 'shares',
  about: {
    en: 'what you have shared, under which contract',
    fr: 'ce que vous avez partagé, sous quel contrat',
  },
  example: 'muniment shares',
  run: (settings) =>
    callAndPrint(settings, 'shares', {}, (result) => {
      printTable(['hash', 'state'], rowsOf(result, 'shares'))
    }),
}

const LEDGER: CommandDefinition = {
  words: 'ledger',
  about: {
    en: 'every contract and receipt, and whether the record is whole',
    fr: 'tous les contrats et reçus, et si le registre est intact',
  },
  example: 'muniment ledger',
  run: (settings) =>
    callAndPrint(settings, 'ledger', {}, (result) => {
      printTable(['relationship', 'n', 'kind', 'contractHash'], rowsOf(result, 'entries'))
    }),
}

const PREVIEW: CommandDefinition = {
  words: 'preview <id>',
  about: {
    en: 'exactly what would leave, made of the final bytes',
    fr: 'exactement ce qui partirait, d’après les octets finals',
  },
  example: 'muniment preview r-7Qx --without income',
  flags: CHOICE_FLAGS,
  run: (settings, [id = ''], flags) =>
    callAndPrint(settings, 'preview', { id, ...choiceOf(flags), language: settings.language }, showRequest),
}

const ANSWER: CommandDefinition = {
  words: 'answer <id>',
  about: { en: 'accept what you previewed, or decline', fr: 'accepter ce que vous avez vu, ou décliner' },
  example: 'muniment answer r-7Qx --accept --preview 5f2c…',
  flags: [
    ['--accept', { en: 'send what the preview shows', fr: 'envoyer ce que montre l’aperçu' }],
    ['--preview <hash>', { en: 'the hash that the preview showed', fr: 'l’empreinte que montrait l’aperçu' }],
    ['--decline', { en: 'say no, without a reason', fr: 'dire non, sans raison' }],
  ],
  run: (settings, [id = ''], flags) => {
    const { accept, decline, preview } = flags
    if ((accept === true) === (decline === true)) {
      throw new MunimentError('ERR_USAGE', 'answer with either --accept --preview HASH or --decline')
    }
    if (accept === true && typeof preview !== 'string') {
      throw new MunimentError('ERR_USAGE', 'accept what you have seen: give the hash of the preview')
    }
    return decline === true
      ? callAndPrint(settings, 'decline', { id })
      : callAndPrint(settings, 'share', { id, preview })
  },
}

/** The commands for taking credentials, answering requests, and the ledger. */
export const EXCHANGE_COMMANDS: readonly CommandDefinition[] = [
  RECEIVE,
  CREDENTIALS,
  REQUEST,
  INBOX,
  SHARES,
  LEDGER,
  PREVIEW,
  ANSWER,
]

function choiceOf(flags: JsonObject): JsonObject {
  const without = flags['without']
  const keepDays = flags['keepDays'] === undefined ? undefined : Number(flags['keepDays'])
  if (keepDays !== undefined && !Number.isSafeInteger(keepDays)) {
    throw new MunimentError('ERR_USAGE', '--keep-days takes a whole number')
  }
  return {
    alternative: flags['alternative'] === true,
    without: Array.isArray(without) ? without : [],
    keepDays,
    strike: Array.isArray(flags['strike']) ? flags['strike'] : [],
  }
}

function showRequest(result: JsonValue, _language: Language): void {
  const lines: unknown =
    typeof result === 'object' && result !== null ? Reflect.get(result, 'text') : undefined
  if (Array.isArray(lines)) for (const line of lines) printLine(plain(String(line)))
  else printMembers(result)
}
