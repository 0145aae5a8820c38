import { type Did, MunimentError } from '@muniment/interface'
import type { DIDDocument } from 'did-resolver'
import { MAX_DOCUMENT_BYTES } from './constants.ts'
import { parseJson } from './json-text.ts'

const PREFIX = 'did:web:'
const LOOPBACK = new Set(['localhost', '127.0.0.1'])

/** What a fetch gave: the address that answered in the end, and the body's bytes. */
export interface FetchedJson {
  readonly url: string
  readonly bytes: Uint8Array
}

/**
 * Fetches a small JSON document by HTTP GET: a port that the device fills in. It sends no credentials, follows no
 * redirect to another origin, reads at most `limit` bytes (`ERR_TOO_LARGE` past that), and throws `ERR_UNREACHABLE`
 * for a status other than 200.
 */
export type FetchJson = (
  url: string,
  options: { readonly limit: number; readonly signal?: AbortSignal },
) => Promise<FetchedJson>

/** How did:web is read. */
export interface DidWebInit {
  /** Reads `http:` from this machine itself (`localhost`, `127.0.0.1`): for tests and demonstrations. Default: false. */
  readonly allowLoopback?: boolean
}

const AUTHORITY = /^([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?:%3A([0-9]{1,5}))?$/
const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/

/**
 * Where the document of a did:web lies (did:web method, section "Read"): `https:` always, unless the host is this machine
 * and `allowLoopback` says so. Throws `ERR_MALFORMED` for a host in capitals, an address written another way, or a path
 * that could leave its folder.
 */
export function didWebUrl(did: Did, { allowLoopback = false }: DidWebInit = {}): string {
  const { host, port, path } = partsOf(did)
  const isLoopback = LOOPBACK.has(host)
  if (isLoopback && !allowLoopback) throw malformed()
  const folder = path.length === 0 ? '.well-known' : path.join('/')
  const url = URL.parse(`${isLoopback ? 'http' : 'https'}://${host}${port}/${folder}/did.json`)
  // A host such as 0x7f.1 is another spelling of an address: the parser would rewrite it.
  if (url?.hostname !== host) throw malformed()
  return url.href
}

interface DidWebParts {
  readonly host: string
  /** With its colon, or empty. */
  readonly port: string
  readonly path: readonly string[]
}

function partsOf(did: Did): DidWebParts {
  if (!did.startsWith(PREFIX)) throw malformed()
  const [authority = '', ...path] = did.slice(PREFIX.length).split(':')
  const found = AUTHORITY.exec(authority)
  const host = found?.[1]
  const port = found?.[2]
  if (host === undefined || !path.every((segment) => SEGMENT.test(segment))) throw malformed()
  return { host, port: port === undefined ? '' : `:${port}`, path }
}

/**
 * Reads the document of a did:web. Throws `ERR_DID_UNRESOLVED` when another host answered or the document is another
 * subject's, `ERR_TOO_LARGE` past `MAX_DOCUMENT_BYTES`, `ERR_MALFORMED`, and what `fetchJson` throws.
 */
export async function didWebDocument(
  fetchJson: FetchJson,
  did: Did,
  { signal, ...init }: DidWebInit & { readonly signal?: AbortSignal | undefined } = {},
): Promise<DIDDocument> {
  const asked = didWebUrl(did, init)
  const answer = await fetchJson(asked, { limit: MAX_DOCUMENT_BYTES, ...(signal && { signal }) })
  if (URL.parse(answer.url)?.origin !== new URL(asked).origin) {
    throw new MunimentError('ERR_DID_UNRESOLVED', 'another host answered for this did:web')
  }
  if (answer.bytes.length > MAX_DOCUMENT_BYTES) {
    throw new MunimentError('ERR_TOO_LARGE', 'this DID document is larger than any that is read')
  }
  const document = parseJson(answer.bytes)
  if (!hasId(document)) throw malformed()
  if (document.id !== did) {
    throw new MunimentError('ERR_DID_UNRESOLVED', 'the document at this did:web is about somebody else')
  }
  return document
}

function hasId(value: unknown): value is DIDDocument {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
}

function malformed(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'this is not a did:web that is read')
}
