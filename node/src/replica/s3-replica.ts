import { createHash } from 'node:crypto'
import {
  isMunimentError,
  MAX_REPLICA_OBJECT,
  type Milliseconds,
  MunimentError,
  type ReplicaCallOptions,
  type ReplicaObject,
  type ReplicaStorage,
} from '@muniment/interface'
import { AwsV4Signer } from 'aws4fetch'
import { checkCredentials, failureOf, type HttpAnswer, httpPlace, placeUrl } from './http-place.ts'
import { checkName, checkPrefix, checkSize, isObjectName, refuseAborted } from './object-checks.ts'
import { readXml } from './read-xml.ts'

/** A bucket of an S3-compatible storage, and the key to it. */
export interface S3ReplicaInit {
  /** `https://host/bucket`, and after it what the names of objects are to begin with, if anything: `…/bucket/vault`. */
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Milliseconds for one request with its answer; two minutes unless told. */
  readonly timeout?: Milliseconds
}

/** Bytes of one page of a listing: 1,000 objects of servers that say much of each. */
const MAX_PAGE: number = 2 << 20
/** Pages of one listing: sixteen million objects. */
const MAX_PAGES = 16_384

/**
 * A replica in a bucket of an S3-compatible storage, addressed by path and signed with Signature Version 4, the
 * content of uploads too. The bucket must be there; nothing is asked of the server before the first call. Throws
 * `ERR_INVALID_ARGUMENT`; its calls also `ERR_REPLICA_DAMAGED` for a listing that cannot be read. No error tells
 * the secret key.
 */
export async function openS3Replica(init: S3ReplicaInit): Promise<ReplicaStorage> {
  const bucket = bucketOf(init)
  return {
    list: (prefix, options) => listBucket(bucket, prefix, options),
    async get(name, options) {
      checkName(name)
      refuseAborted(options)
      const answer = await bucket.ask('GET', bucket.prefix + name, { limit: MAX_REPLICA_OBJECT, ...options })
      if (isAbsent(answer)) return undefined
      return succeeded(bucket, answer).bytes
    },
    async put(name, bytes, options) {
      checkName(name)
      checkSize(bytes)
      refuseAborted(options)
      const headers = { 'content-type': 'application/octet-stream' }
      const body = bytes.slice()
      succeeded(bucket, await bucket.ask('PUT', bucket.prefix + name, { body, headers, ...options }))
    },
    async delete(name, options) {
      checkName(name)
      refuseAborted(options)
      const answer = await bucket.ask('DELETE', bucket.prefix + name, options)
      if (!isAbsent(answer)) succeeded(bucket, answer)
    },
    close: async () => undefined,
  }
}

interface RequestParts extends ReplicaCallOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly limit?: number
}

interface Bucket {
  /** The bucket itself, without what names begin with. */
  readonly url: URL
  /** What the names of objects begin with: empty, or ending in a slash. */
  readonly prefix: string
  /** Sends a signed request; `path` is a key, or begins with `?`. */
  ask(method: string, path: string, parts?: RequestParts): Promise<HttpAnswer>
}

function bucketOf({ endpoint, timeout, region, accessKeyId, secretAccessKey }: S3ReplicaInit): Bucket {
  checkCredentials(region, accessKeyId, secretAccessKey)
  const place = placeUrl(endpoint)
  const [, name = '', ...rest] = place.pathname.split('/')
  if (!/^\/([\w.-]+\/)+$/u.test(place.pathname)) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'the address of a bucket looks like https://host/bucket')
  }
  const base = new URL(`/${name}/`, place)
  const ask = httpPlace(timeout)
  const key = { service: 's3', region, accessKeyId, secretAccessKey }
  return {
    url: base,
    prefix: rest.join('/'),
    async ask(method, path, { headers, body, ...rest } = {}) {
      // A bucket itself is addressed without the slash: some servers take it for an object with an empty name.
      const url = path.startsWith('?') ? base.href.replace(/\/$/u, path) : base.href + path
      const hash = createHash('sha256').update(body ?? '')
      const signed = await new AwsV4Signer({
        ...key,
        method,
        url,
        headers: { ...headers, 'x-amz-content-sha256': hash.digest('hex') },
      }).sign()
      return ask({
        method,
        url: signed.url,
        headers: Object.fromEntries(signed.headers),
        ...(body ? { body } : {}),
        ...rest,
      })
    },
  }
}

/** What codes of S3 mean that their status does not say. */
const FULL = new Set([
  'EntityTooLarge',
  'InsufficientCapacity',
  'QuotaExceeded',
  'ServiceQuotaExceededException',
  'TooManyObjects',
])

function succeeded({ url }: Bucket, answer: HttpAnswer): HttpAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer
  const code = codeOf(answer)
  if (FULL.has(code)) throw failureOf({ status: 507 }, url)
  if (code === 'RequestTimeTooSkewed') {
    throw new MunimentError('ERR_REPLICA_REFUSED', `the clock of this machine is not that of ${url.host}`)
  }
  if (code === 'NoSuchBucket') {
    throw new MunimentError('ERR_REPLICA_REFUSED', `there is no such bucket at ${url.host}`)
  }
  throw failureOf(answer, url)
}

function isAbsent(answer: HttpAnswer): boolean {
  return answer.status === 404 && codeOf(answer) !== 'NoSuchBucket'
}

/** The code in the answer to a request that failed; empty when there is none. */
function codeOf({ bytes }: HttpAnswer): string {
  let code = ''
  try {
    readXml(bytes, (element, text) => {
      if (element === 'Code') code = text
    })
  } catch (error) {
    if (!isMunimentError(error, 'ERR_REPLICA_DAMAGED')) throw error
  }
  return code
}

async function* listBucket(
  bucket: Bucket,
  prefix: string,
  options?: ReplicaCallOptions,
): AsyncGenerator<ReplicaObject> {
  checkPrefix(prefix)
  let token: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    refuseAborted(options)
    const { objects, next } = await listPage(bucket, { prefix: bucket.prefix + prefix, token, options })
    for (const { name, size } of objects) if (name.startsWith(prefix)) yield { name, size }
    if (next === undefined) return
    if (next === token) break
    token = next
  }
  throw new MunimentError('ERR_REPLICA_DAMAGED', 'the listing of the bucket does not end')
}

interface Page {
  readonly objects: readonly ReplicaObject[]
  /** What the next page is asked for with; `undefined` after the last. */
  readonly next: string | undefined
}

interface PageInit {
  readonly prefix: string
  readonly token: string | undefined
  readonly options: ReplicaCallOptions | undefined
}

async function listPage(bucket: Bucket, { prefix, token, options }: PageInit): Promise<Page> {
  const query = new URLSearchParams({ 'list-type': '2', prefix })
  if (token !== undefined) query.set('continuation-token', token)
  const answer = await bucket.ask('GET', `?${query.toString()}`, { limit: MAX_PAGE, ...options })
  return pageIn(succeeded(bucket, answer).bytes, bucket.prefix)
}

function pageIn(bytes: Uint8Array, start: string): Page {
  const objects: ReplicaObject[] = []
  let [key, size, token, isTruncated] = ['', '', '', '']
  readXml(bytes, (element, text) => {
    if (element === 'Key') key = text
    if (element === 'Size') size = text
    if (element === 'NextContinuationToken') token = text
    if (element === 'IsTruncated') isTruncated = text
    if (element !== 'Contents') return
    const name = key.startsWith(start) ? key.slice(start.length) : ''
    if (isObjectName(name) && /^\d{1,15}$/u.test(size)) objects.push({ name, size: Number(size) })
    ;[key, size] = ['', '']
  })
  return { objects, next: isTruncated === 'true' ? token : undefined }
}
