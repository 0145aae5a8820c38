import { readFileSync } from 'node:fs'
import { text as readText } from 'node:stream/consumers'
import type { TokenAnswer } from '@muniment/credentials'
import { MunimentError } from '@muniment/interface'
import type { JsonObject } from '../../control/actions.ts'
import { type CommandDefinition } from '../command-kit.ts'
import { toJson } from '../../control/to-json.ts'
import { EXIT } from '../exit-code.ts'
import type { issuerKeyFor } from '../issuer-key.ts'
import { plain, printJson, printLine, printMembers } from '../output.ts'

/** Unix seconds, or an RFC 3339 instant with its zone. */
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/iu

const VERIFY: CommandDefinition = {
  words: 'verify',
  about: {
    en: 'check a credential or presentation from standard input (SD-JWT, SD-JWT VC)',
    fr: 'vérifier une attestation lue sur l’entrée standard (SD-JWT, SD-JWT VC)',
  },
  example:
    'muniment credential verify --issuer-jwk issuer.jwk --audience https://landlord.example --nonce n-0S6 --at 2026-11-23T20:00:00Z --json < token',
  flags: [
    ['--issuer-jwk <file>', { en: 'the issuer’s public key', fr: 'la clé publique de l’émetteur' }],
    [
      '--issuer <did>',
      {
        en: 'or the issuer’s DID; a did:web is looked up on the web, at the issuer’s own host',
        fr: 'ou le DID de l’émetteur ; un did:web est cherché sur le web, chez l’émetteur',
      },
    ],
    ['--audience <audience>', { en: 'for whom it must have been made', fr: 'pour qui elle doit être faite' }],
    ['--nonce <nonce>', { en: 'the nonce of the request', fr: 'le nonce de la demande' }],
    [
      '--at <time>',
      {
        en: 'the moment of checking: Unix seconds or RFC 3339',
        fr: 'le moment : secondes Unix ou RFC 3339',
      },
    ],
  ],
  run: async (settings, _words, flags) => {
    const at = parseTime(flags['at'])
    const result = await checkToken(flags, at)
    if (settings.json) printJson(toJson(result))
    else {
      printLine(result.ok ? '✓' : '✗')
      for (const { code, message } of result.problems) printLine(`  ${plain(message)} (${code})`)
      if (result.claims) printMembers(toJson(result.claims))
    }
    return result.ok ? EXIT.done : EXIT.refused
  },
}

async function checkToken(flags: JsonObject, at: number): Promise<TokenAnswer> {
  const { issuer, audience, nonce } = flags
  const ownJwk = typeof issuer === 'string' ? undefined : readJwk(flags['issuerJwk'])
  const { verifyToken } = await import('@muniment/credentials')
  const { nodeCryptography } = await import('../../platform/index.ts')
  const token = await readInput()
  const found = typeof issuer === 'string' ? await lookUpIssuer(issuer, token) : { ok: true, jwk: ownJwk }
  if ('problems' in found) return { ok: false, problems: found.problems, claims: null }
  const question = {
    token,
    issuerJwk: found.jwk,
    at,
    ...(typeof audience === 'string' ? { audience } : {}),
    ...(typeof nonce === 'string' ? { nonce } : {}),
  }
  return verifyToken(question, { cryptography: nodeCryptography })
}

/** The one place of the command that may ask the web: the person named the issuer, and asked to check. */
async function lookUpIssuer(issuer: string, token: string): ReturnType<typeof issuerKeyFor> {
  const { createResolver } = await import('@muniment/identity')
  const { nodeClock, nodeCryptography } = await import('../../platform/index.ts')
  const { httpsFetchJson } = await import('../../identity/index.ts')
  const { issuerKeyFor: find } = await import('../issuer-key.ts')
  const components = { cryptography: nodeCryptography, clock: nodeClock, fetchJson: httpsFetchJson() }
  return find(createResolver(components), issuer, token)
}

const INSPECT: CommandDefinition = {
  words: 'inspect',
  about: {
    en: 'show what a credential from standard input says, without checking who signed it',
    fr: 'montrer ce que dit une attestation lue sur l’entrée standard, sans vérifier qui l’a signée',
  },
  example: 'muniment credential inspect --json < token',
  run: async (settings) => {
    const { inspectToken } = await import('../inspect-token.ts')
    const result = inspectToken(await readInput())
    if (settings.json) printJson(result)
    else printMembers(result)
    return result.ok ? EXIT.done : EXIT.refused
  },
}

/** The commands for `credential verify` and `credential inspect`, which need no vault. */
export const CREDENTIAL_COMMANDS: readonly CommandDefinition[] = [VERIFY, INSPECT]

/** Unreadable input is a malformed token, not a fault of the command. */
async function readInput(): Promise<string> {
  try {
    return (await readText(process.stdin)).trim()
  } catch {
    return ''
  }
}

function parseTime(value: unknown): number {
  if (value === undefined) return Math.floor(Date.now() / 1000)
  if (typeof value === 'string' && /^\d{1,15}$/u.test(value)) return Number(value)
  if (typeof value === 'string' && RFC3339.test(value) && !Number.isNaN(Date.parse(value))) {
    return Math.floor(Date.parse(value) / 1000)
  }
  throw new MunimentError('ERR_USAGE', '--at takes Unix seconds or an RFC 3339 time')
}

function readJwk(file: unknown): unknown {
  if (typeof file !== 'string') {
    throw new MunimentError('ERR_USAGE', '--issuer-jwk FILE or --issuer DID is needed')
  }
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new MunimentError('ERR_USAGE', 'the file of --issuer-jwk is not a readable JWK', { cause })
  }
}
