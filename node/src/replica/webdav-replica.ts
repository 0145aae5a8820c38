import { randomBytes } from 'node:crypto'
import {
  MAX_REPLICA_OBJECT,
  type Milliseconds,
  MunimentError,
  type ReplicaCallOptions,
  type ReplicaObject,
  type ReplicaStorage,
} from '@muniment/interface'
import { type Ask, checkCredentials, failureOf, type HttpAnswer, httpPlace, placeUrl } from './http-place.ts'
import { checkName, checkPrefix, checkSize, isObjectName, refuseAborted } from './object-checks.ts'
import { readXml } from './read-xml.ts'

/** A folder on a WebDAV server (RFC 4918), and how it is opened: with a name and password, or a token, or neither. */
export interface WebdavReplicaInit {
  /** `https://…`, the folder; it is made when something is written and it is not there, the folder above it is not. */
  readonly url: string
  readonly username?: string
  readonly password?: string
  /** Sent as a Bearer token (RFC 6750). */
  readonly token?: string
  /** Milliseconds for one request with its answer; two minutes unless told. */
  readonly timeout?: Milliseconds
}

/** Digits of a name that choose its folder, as in a folder that is synced: one that a server shows is the same. */
const FOLDER_DIGITS = 2
const TEMPORARY_NAME_BYTES = 6
/** Bytes of the listing of one of 256 folders: 20,000 objects of servers that say much of each. */
const MAX_LISTING: number = 16 << 20

const PROPERTIES =
  '<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/></prop></propfind>'

/** Answers to a MOVE of servers that cannot: behind a proxy that changes addresses, for one, it names another server. */
const CANNOT_MOVE = new Set([207, 400, 403, 404, 405, 409, 412, 501, 502])

/**
 * A replica in a folder of a WebDAV server. Nothing is asked of the server before the first call. An object is uploaded
 * beside its place and moved there; where the server cannot move, it is uploaded to its place, and cut off it is not
 * whole, which its reader notices. Throws `ERR_INVALID_ARGUMENT`; its calls also `ERR_REPLICA_DAMAGED` for a listing
 * that cannot be read. No error tells credentials.
 */
export async function openWebdavReplica(init: WebdavReplicaInit): Promise<ReplicaStorage> {
  const server = webdavServer(init)
  return {
    list: (prefix, options) => listServer(server, prefix, options),
    async get(name, options) {
      checkName(name)
      refuseAborted(options)
      const answer = await server.ask('GET', pathOf(name), { limit: MAX_REPLICA_OBJECT, ...options })
      if (answer.status === 404) return undefined
      return succeeded(server, answer).bytes
    },
    async put(name, bytes, options) {
      checkName(name)
      checkSize(bytes)
      refuseAborted(options)
      await putObject(server, { path: pathOf(name), bytes: bytes.slice(), ...options })
    },
    async delete(name, options) {
      checkName(name)
      refuseAborted(options)
      const answer = await server.ask('DELETE', pathOf(name), options)
      if (answer.status !== 404) succeeded(server, answer)
    },
    close: async () => undefined,
  }
}

function pathOf(name: string): string {
  return `${name.slice(0, FOLDER_DIGITS)}/${name}`
}

interface RequestParts extends ReplicaCallOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly limit?: number
}

interface WebdavServer {
  readonly url: URL
  /** Whether objects are uploaded beside their place and moved there. */
  isMoving: boolean
  ask(method: string, path: string, parts?: RequestParts): Promise<HttpAnswer>
}

function webdavServer({ url: address, timeout, ...credentials }: WebdavReplicaInit): WebdavServer {
  const url = placeUrl(address)
  const authorization = authorizationOf(credentials)
  const ask: Ask = httpPlace(timeout)
  return {
    url,
    isMoving: true,
    ask: (method, path, { headers, ...rest } = {}) =>
      ask({ method, url: new URL(path, url), headers: { ...authorization, ...headers }, ...rest }),
  }
}

function authorizationOf({
  username,
  password = '',
  token,
}: Omit<WebdavReplicaInit, 'url'>): Record<string, string> {
  checkCredentials(username ?? '', password, token ?? '')
  if (token !== undefined) {
    if (!/^[\w.~+/-]+=*$/u.test(token)) {
      throw new MunimentError('ERR_INVALID_ARGUMENT', 'a token has letters, digits and a few signs only')
    }
    return { authorization: `Bearer ${token}` }
  }
  if (username === undefined) return {}
  if (username.includes(':')) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'a name for WebDAV has no colon in it')
  }
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}

function succeeded({ url }: WebdavServer, answer: HttpAnswer): HttpAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer
  throw failureOf(answer, url)
}

interface Upload extends ReplicaCallOptions {
  readonly path: string
  readonly bytes: Uint8Array
}

async function putObject(server: WebdavServer, upload: Upload): Promise<void> {
  const { path, bytes, ...options } = upload
  if (!server.isMoving) return putAt(server, upload)
  const random = randomBytes(TEMPORARY_NAME_BYTES).toString('hex')
  const temporary = path.replace('/', '/.') + `.${random}`
  await putAt(server, { path: temporary, bytes, ...options })
  const destination = new URL(path, server.url).href
  const moved = await moveOrRemove(server, { temporary, destination, ...options })
  if (!CANNOT_MOVE.has(moved.status)) return void succeeded(server, moved)
  server.isMoving = false
  return putAt(server, upload)
}

interface Move extends ReplicaCallOptions {
  readonly temporary: string
  readonly destination: string
}

/** Moves an upload to its place; what cannot be moved is removed again. */
async function moveOrRemove(
  server: WebdavServer,
  { temporary, destination, ...options }: Move,
): Promise<HttpAnswer> {
  let moved: HttpAnswer | undefined
  try {
    moved = await server.ask('MOVE', temporary, { headers: { destination, overwrite: 'T' }, ...options })
    return moved
  } finally {
    // Not to be given up with the rest: it leaves nothing lying about.
    if (!moved || moved.status >= 300) await server.ask('DELETE', temporary).catch(() => undefined)
  }
}

/** Uploads, making the folders above where they are missing. */
async function putAt(server: WebdavServer, { path, bytes: body, ...options }: Upload): Promise<void> {
  const put = (): Promise<HttpAnswer> => server.ask('PUT', path, { body, ...options })
  let answer = await put()
  if (answer.status === 404 || answer.status === 409) {
    await makeFolders(server, `${path.slice(0, FOLDER_DIGITS)}/`, options)
    answer = await put()
  }
  succeeded(server, answer)
}

/** 405 says that the folder is there already (RFC 4918, 9.3.1), and so do 409 and 423 of some where two make it at once. */
async function makeFolders(server: WebdavServer, part: string, options: ReplicaCallOptions): Promise<void> {
  const made = await server.ask('MKCOL', part, options)
  if (made.status !== 404 && made.status !== 409) return
  await server.ask('MKCOL', '', options)
  await server.ask('MKCOL', part, options)
}

async function* listServer(
  server: WebdavServer,
  prefix: string,
  options?: ReplicaCallOptions,
): AsyncGenerator<ReplicaObject> {
  checkPrefix(prefix)
  for (const part of await partsOf(server, prefix, options)) {
    refuseAborted(options)
    for (const { name, size } of await listFolder(server, `${part}/`, options)) {
      const isWanted = isObjectName(name) && name.startsWith(part) && name.startsWith(prefix)
      if (isWanted && size !== undefined) yield { name, size }
    }
  }
}

async function partsOf(
  server: WebdavServer,
  prefix: string,
  options?: ReplicaCallOptions,
): Promise<readonly string[]> {
  if (prefix.length >= FOLDER_DIGITS) return [prefix.slice(0, FOLDER_DIGITS)]
  const found = await listFolder(server, '', options)
  return found.map(({ name }) => name).filter((name) => isPart(name) && name.startsWith(prefix))
}

interface Listed {
  /** The last part of the path: of an object, or two digits of the folder that its name begins with. */
  readonly name: string
  /** Missing for folders. */
  readonly size: number | undefined
}

/** What lies in a folder that may be of a replica; nothing for one that is not there. */
async function listFolder(
  server: WebdavServer,
  path: string,
  options?: ReplicaCallOptions,
): Promise<readonly Listed[]> {
  const answer = await server.ask('PROPFIND', path, {
    headers: { depth: '1', 'content-type': 'application/xml; charset=utf-8' },
    body: Buffer.from(PROPERTIES),
    limit: MAX_LISTING,
    ...options,
  })
  if (answer.status === 404) return []
  const { status, bytes } = succeeded(server, answer)
  if (status === 207) return listedIn(bytes)
  throw new MunimentError('ERR_REPLICA_REFUSED', `there is no WebDAV folder at ${server.url.host}`)
}

function listedIn(bytes: Uint8Array): readonly Listed[] {
  const found = new Map<string, Listed>()
  let name = ''
  let size: number | undefined
  readXml(bytes, (element, text) => {
    if (element === 'href') name = lastOf(text)
    if (element === 'getcontentlength' && /^\d{1,15}$/u.test(text)) size = Number(text)
    if (element !== 'response') return
    if (isPart(name) || isObjectName(name)) found.set(name, { name, size })
    name = ''
    size = undefined
  })
  return [...found.values()]
}

function isPart(name: string): boolean {
  return /^[0-9a-f]{2}$/u.test(name)
}

function lastOf(href: string): string {
  return href.replace(/\/$/u, '').split('/').at(-1) ?? ''
}
