import { MunimentError } from '@muniment/interface'
import type { JsonObject } from '../control/actions.ts'
import { passphraseFrom } from './call-folder.ts'
import { textFlag } from './command-kit.ts'
import { askSecret } from './console-ask.ts'
import type { Text } from './language.ts'
import type { Settings } from './settings.ts'

const PASSWORD: Text = { en: 'Password of the server', fr: 'Mot de passe du serveur' }
const SECRET_KEY: Text = { en: 'Secret key of the bucket', fr: 'Clé secrète du bucket' }

const LINK: Text = {
  en: 'The link that the host handed out (muniment:replica?…)',
  fr: 'Le lien que l’hôte a donné (muniment:replica?…)',
}

/** Where a secret comes from: never from the command line, which every program of the machine can read. */
interface SecretSource {
  /** The flag that names a file. */
  readonly file: string
  /** The variable of the environment. */
  readonly variable: string
}

const WEBDAV_PASSWORD: SecretSource = { file: 'passwordFile', variable: 'MUNIMENT_REPLICA_PASSWORD' }
const WEBDAV_TOKEN: SecretSource = { file: 'tokenFile', variable: 'MUNIMENT_REPLICA_TOKEN' }
const PEER_LINK: SecretSource = { file: 'linkFile', variable: 'MUNIMENT_REPLICA_LINK' }
const S3_KEY: SecretSource = { file: 'secretKeyFile', variable: 'MUNIMENT_REPLICA_SECRET_KEY' }

/** A WebDAV place from flags, environment and, on a terminal, a prompt. Throws `ERR_USAGE`. */
export async function webdavPlace(settings: Settings, url: string, flags: JsonObject): Promise<JsonObject> {
  const place = { kind: 'webdav', url }
  const token = await givenSecret(settings, flags, WEBDAV_TOKEN)
  if (token !== undefined) return { ...place, token }
  const { username } = flags
  if (typeof username !== 'string') return place
  const given = await givenSecret(settings, flags, WEBDAV_PASSWORD)
  return { ...place, username, password: given ?? (await askSecret(PASSWORD[settings.language])) }
}

/** An S3 place, likewise. Throws `ERR_USAGE`. */
export async function s3Place(settings: Settings, endpoint: string, flags: JsonObject): Promise<JsonObject> {
  const region = textFlag(flags['region'], process.env['AWS_REGION'] ?? '')
  const accessKeyId = textFlag(flags['accessKeyId'], process.env['AWS_ACCESS_KEY_ID'] ?? '')
  if (region === '' || accessKeyId === '') {
    throw new MunimentError('ERR_USAGE', 'a bucket needs --region and --access-key-id')
  }
  const given = await givenSecret(settings, flags, S3_KEY)
  const secretAccessKey = given ?? (await askSecret(SECRET_KEY[settings.language]))
  return { kind: 's3', endpoint, region, accessKeyId, secretAccessKey }
}

/** A place at a host of replicas, likewise. Throws `ERR_USAGE`. */
export async function peerPlace(settings: Settings, flags: JsonObject): Promise<JsonObject> {
  const given = await givenSecret(settings, flags, PEER_LINK)
  return { kind: 'peer', link: given ?? (await askSecret(LINK[settings.language])) }
}

async function givenSecret(
  settings: Settings,
  flags: JsonObject,
  { file, variable }: SecretSource,
): Promise<string | undefined> {
  const path = flags[file]
  if (typeof path === 'string') return passphraseFrom({ ...settings, passphraseFile: path })
  const told = process.env[variable]
  return told === '' ? undefined : told
}
