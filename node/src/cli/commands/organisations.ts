import { readFileSync } from 'node:fs'
import { MunimentError } from '@muniment/interface'
import type { JsonObject } from '../../control/actions.ts'
import { isJsonObject } from '../../control/lines.ts'
import { folderKind } from '../../home/folder.ts'
import { callAndPrint, type CommandDefinition, rowsOf, type Show, textFlag } from '../command-kit.ts'
import type { Language, Text } from '../language.ts'
import { plain, printLine, printMembers, printQr, printTable } from '../output.ts'
import type { Settings } from '../settings.ts'
import { newPassphrase, unlockHere } from './vault.ts'

const LISTENS: Text = { en: 'listens at', fr: 'écoute à' }
const NOWHERE: Text = {
  en: 'no address: nobody can reach it',
  fr: 'aucune adresse : personne ne peut le joindre',
}
const NEXT: Text = {
  en: 'For a link and a QR to hand to a person, in another terminal:',
  fr: 'Pour un lien et un QR à donner à une personne, dans un autre terminal :',
}
const STOP: Text = {
  en: 'It runs until Ctrl+C, or "muniment lock".',
  fr: 'Il marche jusqu’à Ctrl+C, ou « muniment lock ».',
}

const OFFER_EXAMPLE = 'muniment issuer offer proof-of-address --claims ana.json'
const REQUEST_EXAMPLE = 'muniment verifier request tenancy.json'

/** The command `start`, whose last words tell how to go on. */
function startCommand(example: string, next: string): CommandDefinition {
  return {
    words: 'start',
    about: {
      en: 'run it in this terminal; the first start makes it',
      fr: 'le lancer dans ce terminal ; le premier lancement le crée',
    },
    example,
    flags: [
      ['--name <name>', { en: 'the organisation’s name', fr: 'le nom de l’organisation' }],
      ['--key-file', { en: 'lock it with a key file', fr: 'fermer par un fichier de clé' }],
    ],
    run: async (settings, _words, flags) => {
      const kind = await folderKind(settings.folder)
      if (kind === 'person') {
        throw new MunimentError(
          'ERR_USAGE',
          `${settings.folder} holds a person’s vault: choose another folder`,
        )
      }
      if (kind === undefined) await createHere(settings, flags)
      await unlockHere(settings, { showReady: (ready, language) => showStarted(ready, language, next) })
    },
  }
}

function showStarted(ready: JsonObject, language: Language, next: string): void {
  const { name, did, addresses } = ready
  const listening = Array.isArray(addresses) ? addresses : []
  printLine(plain(name))
  printLine(`did: ${plain(did)}`)
  if (listening.length === 0) printLine(NOWHERE[language])
  for (const address of listening) printLine(`${LISTENS[language]}: ${plain(address)}`)
  printLine(`${NEXT[language]}\n  ${next}\n${STOP[language]}`)
}

/** What a person is handed: the link, and a QR of it where somebody looks. */
const showLink: Show = (result) => {
  printMembers(result)
  if (isJsonObject(result)) printQr(plain(result['link']))
}

const START_ISSUER: CommandDefinition = startCommand(
  'muniment issuer start --name "City of Lyon"',
  OFFER_EXAMPLE,
)

const START_VERIFIER: CommandDefinition = startCommand(
  'muniment verifier start --name "Home Lettings"',
  REQUEST_EXAMPLE,
)

const OFFER: CommandDefinition = {
  words: 'offer <template>',
  about: {
    en: 'offer a credential to a person: prints a link, with a QR',
    fr: 'offrir une attestation : donne un lien, avec un QR',
  },
  example: OFFER_EXAMPLE,
  flags: [
    ['--claims <file>', { en: 'what to certify, as JSON', fr: 'ce qui est attesté, en JSON' }],
    [
      '--tx-code',
      {
        en: 'also make a code to tell the person another way',
        fr: 'faire aussi un code à dire autrement',
      },
    ],
  ],
  run: (settings, [template = ''], flags) =>
    callAndPrint(
      settings,
      'offer',
      { template, claims: readJson(flags['claims']), txCode: flags['txCode'] === true },
      showLink,
    ),
}

const REQUEST: CommandDefinition = {
  words: 'request <file>',
  about: {
    en: 'make a request from a JSON file: prints a link, with a QR',
    fr: 'faire une demande d’après un fichier JSON : donne un lien, avec un QR',
  },
  example: REQUEST_EXAMPLE,
  run: (settings, [file = '']) =>
    callAndPrint(settings, 'makeRequest', { request: readJson(file) }, showLink),
}

const RECEIVED: CommandDefinition = {
  words: 'received',
  about: {
    en: 'contracts in force and the claims received',
    fr: 'les contrats en vigueur et les données reçues',
  },
  example: 'muniment verifier received',
  run: (settings) =>
    callAndPrint(settings, 'received', {}, (result) => {
      printTable(['id', 'contractHash', 'claims'], rowsOf(result, 'received'))
    }),
}

/** The commands for `issuer …`. */
export const ISSUER_COMMANDS: readonly CommandDefinition[] = [START_ISSUER, OFFER]

/** The commands for `verifier …`. */
export const VERIFIER_COMMANDS: readonly CommandDefinition[] = [START_VERIFIER, REQUEST, RECEIVED]

async function createHere(settings: Settings, flags: JsonObject): Promise<void> {
  const { createOrganisation } = await import('../../organisation/create-organisation.ts')
  const passphrase = await newPassphrase(settings, flags['keyFile'] === true)
  const name = textFlag(flags['name'], 'Organisation')
  const organisation = await createOrganisation({ folder: settings.folder, passphrase, name })
  await organisation.close()
}

function readJson(file: unknown): JsonObject {
  if (typeof file !== 'string') throw new MunimentError('ERR_USAGE', 'a JSON file is needed')
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (isJsonObject(value)) return value
  } catch (cause) {
    throw new MunimentError('ERR_USAGE', `${file} is not a readable JSON file`, { cause })
  }
  throw new MunimentError('ERR_USAGE', `${file} does not hold a JSON object`)
}
