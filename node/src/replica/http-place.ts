import { type Milliseconds, MunimentError, type ReplicaCallOptions } from '@muniment/interface'

/** Milliseconds for one request and its answer: the largest object over a line of 280 kbit/s takes half of them. */
export const REQUEST_TIMEOUT = 120_000

/** Bytes of the answer to a request that failed which are read, to know why. */
const MAX_FAILURE = 64 << 10

/** What is asked of a server. */
export interface HttpRequest extends ReplicaCallOptions {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Bytes of the answer at the most; by default those of the answer to a request that failed. */
  readonly limit?: number
}

/** What a server answered. */
export interface HttpAnswer {
  readonly status: number
  readonly bytes: Uint8Array
}

/** Sends a request and reads the answer whole, within its limit. */
export type Ask = (request: HttpRequest) => Promise<HttpAnswer>

/**
 * Requests to a server that is trusted with nothing: no redirect is followed, for credentials would follow it, and
 * no answer is longer than its limit, also once it is unpacked. Throws `ERR_REPLICA_UNREACHABLE`, `ERR_REPLICA_DAMAGED`
 * for an answer over its limit, and `ERR_ABORTED`. No error tells a header, where credentials are.
 */
export function httpPlace(timeout: Milliseconds = REQUEST_TIMEOUT): Ask {
  return async ({ method, url, headers, body, signal, limit = MAX_FAILURE }) => {
    const deadline = AbortSignal.timeout(timeout)
    const ended = signal ? AbortSignal.any([signal, deadline]) : deadline
    try {
      const answer = await fetch(url, {
        method,
        headers: { 'accept-encoding': 'identity', ...headers },
        redirect: 'manual',
        signal: ended,
        ...(body ? { body: body.slice() } : {}),
      })
      const { status, ok } = answer
      return { status, bytes: await bytesOf(answer, ok ? limit : MAX_FAILURE) }
    } catch (cause) {
      if (cause instanceof MunimentError) throw cause
      if (signal?.aborted) throw new MunimentError('ERR_ABORTED', 'this was given up', { cause })
      const what = deadline.aborted ? 'does not answer in time' : 'cannot be reached'
      throw new MunimentError('ERR_REPLICA_UNREACHABLE', `${url.host} ${what}`, { cause })
    }
  }
}

/** The body; what a server goes on sending past the limit is never read. */
async function bytesOf({ body, ok }: Response, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  // Leaving the loop, by an error too, drops the rest of the answer.
  for await (const part of body ?? []) {
    length += part.length
    if (length <= limit) parts.push(part)
    else if (ok)
      throw new MunimentError('ERR_REPLICA_DAMAGED', 'the server answers more than was ever written')
    else break
  }
  return new Uint8Array(Buffer.concat(parts))
}

/** Hosts that are this machine, to which nothing goes over a network. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/u

/**
 * The address of a place, ending in a slash. Throws `ERR_INVALID_ARGUMENT`, not repeating it, for one that is not of
 * the web, or has credentials in it, which would be shown with it; and where it is not encrypted and not this machine.
 */
export function placeUrl(text: string): URL {
  const url = URL.parse(text)
  const isPlain = url?.protocol === 'http:' && LOOPBACK.test(url.hostname)
  if (!url || !(url.protocol === 'https:' || isPlain)) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', 'the address of a replica begins with https://')
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new MunimentError(
      'ERR_INVALID_ARGUMENT',
      'the address of a replica has no name, password, ? or # in it: give credentials apart',
    )
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

/** Throws `ERR_INVALID_ARGUMENT`, not repeating them, for credentials that no header can carry. */
export function checkCredentials(...credentials: readonly string[]): void {
  if (credentials.every((text) => !/\p{Cc}/u.test(text))) return
  throw new MunimentError('ERR_INVALID_ARGUMENT', 'credentials have no line breaks or control characters')
}

const LATER = new Set([408, 423, 425, 429])
const FULL = new Set([413, 507])

/** What an answer that is not the wanted one means for a replica. */
export function failureOf({ status }: Pick<HttpAnswer, 'status'>, { host }: URL): MunimentError {
  if (FULL.has(status)) return new MunimentError('ERR_REPLICA_FULL', `there is no room left at ${host}`)
  if (LATER.has(status) || status >= 500) {
    return new MunimentError('ERR_REPLICA_UNREACHABLE', `${host} is out of order: it answers ${status}`)
  }
  if (status === 401) {
    return new MunimentError('ERR_REPLICA_REFUSED', `${host} does not know these credentials`)
  }
  return new MunimentError('ERR_REPLICA_REFUSED', `${host} does not allow this: it answers ${status}`)
}
