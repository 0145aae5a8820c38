import { readFileSync } from 'node:fs'
import { MunimentError } from '@muniment/interface'
import type { JsonObject } from '../../control/actions.ts'
import { isJsonObject } from '../../control/lines.ts'
import { folderKind } from '../../home/folder.ts'
import { callAndPrint, type CommandDefinition, rowsOf, textFlag } from '../command-kit.ts'
import { printTable } from '../output.ts'
import type { Settings } from '../settings.ts'
import { newPassphrase, unlockHere } from './vault.ts'

const START: Omit<CommandDefinition, 'example'> = {
  words: 'start',
  about: {
    en: 'run it in this terminal; the first start makes it',
    fr: 'le lancer dans ce terminal ; le premier lancement le crée',
  },
  flags: [
    ['--name <name>', { en: 'the organisation’s name', fr: 'le nom de l’organisation' }],
    ['--key-file', { en: 'lock it with a key file', fr: 'fermer par un fichier de clé' }],
  ],
  run: async (settings, _words, flags) => {
    if ((await folderKind(settings.folder)) === undefined) await createHere(settings, flags)
    await unlockHere(settings)
  },
}

const START_ISSUER: CommandDefinition = {
  ...START,
  example: 'muniment issuer start --name "City of Lyon"',
}

const START_VERIFIER: CommandDefinition = {
  ...START,
  example: 'muniment verifier start --name "Home Lettings"',
}

const OFFER: CommandDefinition = {
  words: 'offer <template>',
  about: {
    en: 'offer a credential to a person: prints a link',
    fr: 'offrir une attestation : donne un lien',
  },
  example: 'muniment issuer offer proof-of-address --claims ana.json',
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
    callAndPrint(settings, 'offer', {
      template,
      claims: readJson(flags['claims']),
      txCode: flags['txCode'] === true,
    }),
}

const REQUEST: CommandDefinition = {
  words: 'request <file>',
  about: {
    en: 'make a request from a JSON file: prints a link',
    fr: 'faire une demande d’après un fichier JSON : donne un lien',
  },
  example: 'muniment verifier request tenancy.json',
  run: (settings, [file = '']) => callAndPrint(settings, 'makeRequest', { request: readJson(file) }),
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
