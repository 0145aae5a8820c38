import type { LookupAddress } from 'node:dns'
import { lookup as dnsLookup } from 'node:dns/promises'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { FetchedJson, FetchJson } from '@muniment/identity'
import { MunimentError } from '@muniment/interface'
import { FETCH_TIMEOUT, MAX_ANSWER_HEADERS } from './constants.ts'
import { isPublicAddress } from './public-address.ts'

/** Settings of {@link httpsFetchJson}; the defaults are those of the public internet. */
export interface HttpsFetchInit {
  /** Certificates of the authorities that count, in PEM; those of Node unless told. */
  readonly authorities?: readonly string[]
  /** Finds all addresses of a name; the system's resolver unless told. */
  readonly lookup?: (hostname: string) => Promise<readonly LookupAddress[]>
  /** Which addresses may be connected to; {@link isPublicAddress} unless told. */
  readonly isAllowed?: (address: string) => boolean
  /** Milliseconds for everything together; {@link FETCH_TIMEOUT} unless told. */
  readonly timeout?: number
}

type Settings = Required<Omit<HttpsFetchInit, 'authorities'>> & Pick<HttpsFetchInit, 'authorities'>

/**
 * Fetches a small JSON document over HTTPS for whoever resolves a DID, whose text may be hostile. It follows no
 * redirect, sends no cookie, credential or name of this software, keeps no connection, and connects only to addresses
 * that it has looked at itself, so that no name leads to this machine or its network.
 *
 * Each call is an outbound connection to a host that the DID names, which thereby learns this machine's address: give
 * it to a resolver only where a person or an organisation asked to check somebody. Throws `ERR_UNSUPPORTED` for another
 * scheme, `ERR_REFUSED` for an address that is not public, `ERR_TOO_LARGE`, `ERR_TIMEOUT`, `ERR_ABORTED` and
 * `ERR_UNREACHABLE`.
 */
export function httpsFetchJson(init: HttpsFetchInit = {}): FetchJson {
  const settings: Settings = {
    lookup: systemLookup,
    isAllowed: isPublicAddress,
    timeout: FETCH_TIMEOUT,
    ...init,
  }
  return async (text, { limit, signal }) => {
    const url = URL.parse(text)
    if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') {
      throw new MunimentError('ERR_UNSUPPORTED', 'only https addresses are fetched')
    }
    const timeout = AbortSignal.timeout(settings.timeout)
    const ended = signal ? AbortSignal.any([signal, timeout]) : timeout
    try {
      ended.throwIfAborted()
      const answer = await ask(url, settings, ended)
      return { url: url.href, bytes: await bodyOf(answer, limit) } satisfies FetchedJson
    } catch (cause) {
      if (signal?.aborted) throw new MunimentError('ERR_ABORTED', 'the fetch was given up', { cause })
      if (timeout.aborted) {
        throw new MunimentError('ERR_TIMEOUT', `${url.host} did not answer in time`, { cause })
      }
      if (cause instanceof MunimentError) throw cause
      throw new MunimentError('ERR_UNREACHABLE', `${url.host} cannot be reached over HTTPS`, { cause })
    }
  }
}

async function ask(url: URL, settings: Settings, signal: AbortSignal): Promise<IncomingMessage> {
  const addresses = await allowedAddresses(url, settings, signal)
  const asking = request(url, {
    agent: new Agent({ keepAlive: false }),
    headers: { accept: 'application/did+json, application/did+ld+json, application/json' },
    lookup: always(addresses),
    maxHeaderSize: MAX_ANSWER_HEADERS,
    rejectUnauthorized: true,
    signal,
    ...(settings.authorities && { ca: [...settings.authorities] }),
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    asking.on('response', resolve)
    asking.on('error', reject)
  })
  asking.end()
  return answered
}

/** Where to connect. Every address of the name must be allowed: a name that mixes them is playing a game. */
async function allowedAddresses(
  { hostname }: URL,
  { lookup, isAllowed }: Settings,
  signal: AbortSignal,
): Promise<readonly LookupAddress[]> {
  const literal = hostname.replace(/^\[|\]$/gu, '')
  const family = isIP(literal)
  const addresses =
    family === 0 ? await Promise.race([lookup(hostname), abortOf(signal)]) : [{ address: literal, family }]
  if (addresses.length === 0) throw new MunimentError('ERR_UNREACHABLE', `${hostname} has no address`)
  if (addresses.every(({ address }) => isAllowed(address))) return addresses
  throw new MunimentError('ERR_REFUSED', `${hostname} is not on the public internet`)
}

/** Answers Node with the addresses that were judged, so that no second look-up can give others. */
function always(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, { all }, callback) => {
    if (all === true) callback(null, [...addresses])
    else callback(null, addresses[0]?.address ?? '', addresses[0]?.family)
  }
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener(
      'abort',
      () => reject(new MunimentError('ERR_ABORTED', 'the fetch was given up')),
      {
        once: true,
      },
    )
  })
}

async function bodyOf(answer: IncomingMessage, limit: number): Promise<Uint8Array> {
  const { statusCode, headers } = answer
  try {
    if (statusCode !== 200) {
      throw new MunimentError('ERR_UNREACHABLE', `the answer has status ${statusCode ?? 'none'}`)
    }
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
      throw new MunimentError('ERR_UNSUPPORTED', 'the answer is compressed, which was not asked for')
    }
    const parts: Uint8Array[] = []
    let length = 0
    for await (const part of answer) {
      if (!(part instanceof Uint8Array)) continue
      length += part.length
      if (length > limit) throw new MunimentError('ERR_TOO_LARGE', `the answer is over ${limit} bytes`)
      parts.push(part)
    }
    return Buffer.concat(parts)
  } finally {
    answer.destroy()
  }
}

function systemLookup(hostname: string): Promise<readonly LookupAddress[]> {
  return dnsLookup(hostname, { all: true })
}
