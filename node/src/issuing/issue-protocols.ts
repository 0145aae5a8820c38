import { fromUtf8, utf8 } from '@muniment/crypto'
import {
  errorResponse,
  isJsonObject,
  type Issuer,
  type JsonObject,
  parseStrictJson,
} from '@muniment/credentials'
import { type Channel, MunimentError, type Outcome } from '@muniment/interface'

/** One protocol a verb; each carries one JSON message each way (OpenID4VCI 1.0, sections 6, 7 and 8). */
export const TOKEN_PROTOCOL = '/muniment/credential-token/1'
export const NONCE_PROTOCOL = '/muniment/credential-nonce/1'
export const CREDENTIAL_PROTOCOL = '/muniment/credential/1'

/** Milliseconds that an issuer or a person waits for the other's message. */
export const ISSUING_TIMEOUT = 30_000

type Answer = (message: JsonObject) => Promise<Outcome<{ readonly response: object }>>

/** For each protocol of issuing, what serves a channel until it ends. */
export function issuingProtocols(
  issuer: Issuer,
): Readonly<Record<string, (channel: Channel) => Promise<void>>> {
  return {
    [TOKEN_PROTOCOL]: serve((message) => issuer.token(message)),
    [NONCE_PROTOCOL]: serve(async () => ({ ok: true, response: issuer.nonce() })),
    [CREDENTIAL_PROTOCOL]: serve(({ access_token: token, request }) =>
      issuer.credential(request, typeof token === 'string' ? token : ''),
    ),
  }
}

function serve(answer: Answer): (channel: Channel) => Promise<void> {
  return async (channel) => {
    const bytes = await channel.receive({ signal: AbortSignal.timeout(ISSUING_TIMEOUT) })
    if (!bytes) return
    const reply = await answer(readObject(bytes))
    const message = reply.ok ? { response: reply.response } : { error: errorResponse(reply.problems) }
    await channel.send(utf8(JSON.stringify(message)))
  }
}

/** Asks an issuer once. Throws `ERR_REFUSED` with the issuer's words, or `ERR_PROTOCOL`. */
export async function askIssuer(channel: Channel, message: JsonObject): Promise<unknown> {
  await channel.send(utf8(JSON.stringify(message)))
  const bytes = await channel.receive({ signal: AbortSignal.timeout(ISSUING_TIMEOUT) })
  if (!bytes) throw new MunimentError('ERR_PROTOCOL', 'the issuer closed without an answer')
  const { response, error } = readObject(bytes)
  await channel.close()
  if (response !== undefined) return response
  const said = isJsonObject(error) ? error['error'] : undefined
  throw new MunimentError(
    'ERR_REFUSED',
    `the issuer said no: ${typeof said === 'string' ? said : 'without a reason'}`,
  )
}

function readObject(bytes: Uint8Array): JsonObject {
  const value = parseStrictJson(fromUtf8(bytes))
  if (!isJsonObject(value)) throw new MunimentError('ERR_MALFORMED', 'this is not a JSON object')
  return value
}
