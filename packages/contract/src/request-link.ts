import { type Did, MunimentError } from '@muniment/interface'
import * as v from 'valibot'
import { MAX_ADDRESSES } from './constants.ts'
import { didSchema, idSchema, parseAs } from './schemas.ts'

/** The longest link: what fits a QR code that a telephone still reads. */
const MAX_LINK_LENGTH = 2048

/** A first contact with an organisation that speaks our protocols. */
export interface MunimentLink {
  readonly kind: 'muniment'
  readonly did: Did
  /** Multiaddresses, in the order to try them. */
  readonly addresses: readonly string[]
  /** The request's id. */
  readonly id: string
}

/** A request for any wallet, fetched over HTTPS (OpenID4VP 1.0, section 5.7; RFC 9101, section 5.2). */
export interface WalletLink {
  readonly kind: 'openid4vp'
  readonly clientId: string
  readonly requestUri: string
}

const schema = v.strictObject({
  did: didSchema,
  addresses: v.pipe(
    v.array(v.pipe(v.string(), v.maxLength(300), v.regex(/^(\/[A-Za-z0-9._:%-]+)+$/))),
    v.minLength(1),
    v.maxLength(MAX_ADDRESSES),
  ),
  id: idSchema,
})

/** Writes `muniment:request?did=…&at=<multiaddr>&id=…`, with one `at` for each address. Throws `ERR_MALFORMED`. */
export function formatRequestLink(link: Omit<MunimentLink, 'kind'>): string {
  const { did, addresses, id } = parseAs(
    schema,
    { did: link.did, addresses: link.addresses, id: link.id },
    'a request link',
  )
  const parameters = [['did', did], ...addresses.map((address) => ['at', address]), ['id', id]]
  return `muniment:request?${parameters.map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`).join('&')}`
}

/**
 * Reads a link or the content of a QR code. Throws `ERR_MALFORMED` for anything else, for parameters that are not
 * known or come twice, and for a `request_uri` that is not HTTPS.
 */
export function parseRequestLink(text: string): MunimentLink | WalletLink {
  const link = text.trim()
  const [scheme, query, ...more] = link.split('?')
  if (link.length > MAX_LINK_LENGTH || query === undefined || more.length > 0) throw notALink()
  const parameters = readParameters(query)
  if (scheme === 'muniment:request') {
    const parsed = parseAs(
      schema,
      { did: only(parameters, 'did'), addresses: all(parameters, 'at'), id: only(parameters, 'id') },
      'a request link',
    )
    refuseOthers(parameters, ['did', 'at', 'id'])
    return { kind: 'muniment', ...parsed }
  }
  if (scheme !== 'openid4vp://' && scheme !== 'openid4vp:') throw notALink()
  refuseOthers(parameters, ['client_id', 'request_uri'])
  const requestUri = only(parameters, 'request_uri')
  if (!URL.canParse(requestUri) || new URL(requestUri).protocol !== 'https:') throw notALink()
  return { kind: 'openid4vp', clientId: only(parameters, 'client_id'), requestUri }
}

type Parameters = readonly (readonly [string, string])[]

function readParameters(query: string): Parameters {
  return query.split('&').map((parameter) => {
    const equals = parameter.indexOf('=')
    if (equals < 1) throw notALink()
    try {
      return [parameter.slice(0, equals), decodeURIComponent(parameter.slice(equals + 1))] as const
    } catch (cause) {
      throw new MunimentError('ERR_MALFORMED', 'this is not a request link', { cause })
    }
  })
}

function only(parameters: Parameters, name: string): string {
  const [value, ...more] = all(parameters, name)
  if (value === undefined || value === '' || more.length > 0) throw notALink()
  return value
}

function all(parameters: Parameters, name: string): readonly string[] {
  return parameters.filter(([known]) => known === name).map(([, value]) => value)
}

function refuseOthers(parameters: Parameters, known: readonly string[]): void {
  if (parameters.some(([name]) => !known.includes(name))) throw notALink()
}

function notALink(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'this is not a request link')
}
