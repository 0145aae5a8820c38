import { MunimentError, type Problem } from '@muniment/interface'
import * as v from 'valibot'
import { MAX_BATCH } from './constants.ts'

/** The grant of an offer (OpenID4VCI 1.0, section 4.1.1). */
export const PRE_AUTHORIZED_CODE = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'

/** A credential offer (OpenID4VCI 1.0, section 4.1). */
export interface CredentialOffer {
  readonly credential_issuer: string
  readonly credential_configuration_ids: readonly string[]
  readonly grants: {
    readonly [PRE_AUTHORIZED_CODE]: {
      readonly 'pre-authorized_code': string
      readonly tx_code?: { readonly input_mode: 'numeric'; readonly length: number }
    }
  }
}

/** A token request (OpenID4VCI 1.0, section 6.1; RFC 6749, section 6, for renewal). */
export type TokenRequest =
  | {
      readonly grant_type: typeof PRE_AUTHORIZED_CODE
      readonly 'pre-authorized_code': string
      readonly tx_code?: string
    }
  | { readonly grant_type: 'refresh_token'; readonly refresh_token: string }

/** A token response (OpenID4VCI 1.0, section 6.2). */
export interface TokenResponse {
  readonly access_token: string
  readonly token_type: 'Bearer'
  /** Seconds. */
  readonly expires_in: number
  /** The renewal grant, which every device of the vault may use (protocol rule 9). */
  readonly refresh_token: string
}

/** A credential request (OpenID4VCI 1.0, section 8.2). */
export interface CredentialRequest {
  readonly credential_configuration_id: string
  readonly proofs: { readonly jwt: readonly string[] }
}

/** A credential response (OpenID4VCI 1.0, section 8.3). */
export interface CredentialResponse {
  readonly credentials: readonly { readonly credential: string }[]
}

const SECRET = v.pipe(v.string(), v.minLength(1), v.maxLength(256))
const TX_CODE = v.object({ input_mode: v.literal('numeric'), length: v.pipe(v.number(), v.integer()) })
const OFFER = v.object({
  credential_issuer: v.pipe(v.string(), v.minLength(1), v.maxLength(2048)),
  credential_configuration_ids: v.pipe(v.array(SECRET), v.minLength(1), v.maxLength(16)),
  grants: v.object({
    [PRE_AUTHORIZED_CODE]: v.object({
      'pre-authorized_code': SECRET,
      tx_code: v.exactOptional(TX_CODE),
    }),
  }),
})
const TOKEN_REQUEST = v.variant('grant_type', [
  v.object({
    grant_type: v.literal(PRE_AUTHORIZED_CODE),
    'pre-authorized_code': SECRET,
    tx_code: v.exactOptional(SECRET),
  }),
  v.object({ grant_type: v.literal('refresh_token'), refresh_token: SECRET }),
])
const TOKEN_RESPONSE = v.object({
  access_token: SECRET,
  token_type: v.literal('Bearer'),
  expires_in: v.pipe(v.number(), v.minValue(0)),
  refresh_token: SECRET,
})
const JWT = v.pipe(v.string(), v.minLength(1), v.maxLength(8192))
const CREDENTIAL_REQUEST = v.object({
  credential_configuration_id: SECRET,
  proofs: v.object({ jwt: v.pipe(v.array(JWT), v.minLength(1), v.maxLength(MAX_BATCH)) }),
})
const CREDENTIAL_RESPONSE = v.object({
  credentials: v.pipe(
    v.array(v.object({ credential: v.pipe(v.string(), v.minLength(1)) })),
    v.minLength(1),
    v.maxLength(MAX_BATCH),
  ),
})

/** Reads a credential offer; throws `ERR_MALFORMED`. Only offers with a pre-authorized code are read. */
export function parseCredentialOffer(value: unknown): CredentialOffer {
  return read(OFFER, value, 'this is not a credential offer')
}

/** Reads a token request; throws `ERR_MALFORMED`. */
export function parseTokenRequest(value: unknown): TokenRequest {
  return read(TOKEN_REQUEST, value, 'this is not a token request')
}

/** Reads a token response; throws `ERR_MALFORMED`. */
export function parseTokenResponse(value: unknown): TokenResponse {
  return read(TOKEN_RESPONSE, value, 'this is not a token response')
}

/** Reads a credential request; throws `ERR_MALFORMED`. */
export function parseCredentialRequest(value: unknown): CredentialRequest {
  return read(CREDENTIAL_REQUEST, value, 'this is not a credential request')
}

/** Reads a credential response; throws `ERR_MALFORMED`. */
export function parseCredentialResponse(value: unknown): CredentialResponse {
  return read(CREDENTIAL_RESPONSE, value, 'this is not a credential response')
}

/** An error response (RFC 6749, section 5.2; OpenID4VCI 1.0, section 8.3.1): the first problem, and all as its description. */
export function errorResponse(problems: readonly Problem[]): {
  readonly error: string
  readonly error_description: string
} {
  return {
    error: problems[0]?.code ?? 'server_error',
    error_description: problems.map(({ message }) => message).join(' '),
  }
}

function read<T>(schema: v.GenericSchema<unknown, T>, value: unknown, message: string): T {
  const parsed = v.safeParse(schema, value)
  if (!parsed.success) throw new MunimentError('ERR_MALFORMED', message)
  return parsed.output
}
