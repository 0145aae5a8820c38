import {
  type HeldCredential,
  type Holder,
  parseCredentialResponse,
  parseTokenResponse,
  PRE_AUTHORIZED_CODE,
} from '@muniment/credentials'
import { type Channel, MunimentError, type Resolver } from '@muniment/interface'
import { askIssuer, CREDENTIAL_PROTOCOL, NONCE_PROTOCOL, TOKEN_PROTOCOL } from './issue-protocols.ts'
import type { CredentialLink } from './credential-link.ts'

/** Copies asked for at a time: enough for a year of showing one a month, and a short wait. */
export const COPIES_PER_BATCH = 10

/** What taking a credential needs. */
export interface ReceiveComponents {
  readonly holder: Holder
  readonly resolver: Resolver
  /** Opens a channel to the issuer, under this device's pairwise network key. */
  readonly dial: (protocol: string) => Promise<Channel>
}

/**
 * Takes up an offer: a token for the code, proofs for keys made on this device, and one checked copy for each. Throws
 * `ERR_REFUSED` when the issuer refuses or its copies are not what they should be; then none is kept.
 */
export async function receiveCredential(
  { holder, resolver, dial }: ReceiveComponents,
  { offer }: CredentialLink,
  { txCode }: { readonly txCode?: string | undefined } = {},
): Promise<{ readonly credential: HeldCredential; readonly copies: number }> {
  const issuer = offer.credential_issuer
  const configurationId = offer.credential_configuration_ids[0] ?? ''
  const issuerKey = await issuerKeyOf(resolver, issuer)
  const batch = await holder.beginBatch(COPIES_PER_BATCH)
  const code = offer.grants[PRE_AUTHORIZED_CODE]['pre-authorized_code']
  const tokenRequest = { grant_type: PRE_AUTHORIZED_CODE, 'pre-authorized_code': code }
  const token = parseTokenResponse(
    await askIssuer(
      await dial(TOKEN_PROTOCOL),
      txCode === undefined ? tokenRequest : { ...tokenRequest, tx_code: txCode },
    ),
  )
  const nonce = nonceOf(await askIssuer(await dial(NONCE_PROTOCOL), {}))
  const proofs = await holder.proofs(batch, { audience: issuer, nonce })
  const request = { credential_configuration_id: configurationId, proofs: { jwt: proofs } }
  const answer = await askIssuer(await dial(CREDENTIAL_PROTOCOL), {
    access_token: token.access_token,
    request,
  })
  const tokens = parseCredentialResponse(answer).credentials.map(({ credential }) => credential)
  const accepted = await holder.acceptBatch(batch, {
    tokens,
    issuerKey,
    grant: { issuer, configurationId, refreshToken: token.refresh_token },
  })
  if (accepted.ok) return accepted
  throw new MunimentError('ERR_REFUSED', accepted.problems.map(({ message }) => message).join(' '))
}

async function issuerKeyOf(resolver: Resolver, issuer: string): ReturnType<typeof keyOf> {
  return keyOf(await resolver.resolve(issuer))
}

async function keyOf({
  keys,
}: Awaited<ReturnType<Resolver['resolve']>>): Promise<(typeof keys)[number]['publicKey']> {
  const key = keys.find(
    ({ purposes, publicKey }) => purposes.includes('assertionMethod') && publicKey.algorithm === 'ES256',
  )
  if (!key) throw new MunimentError('ERR_DID_UNRESOLVED', 'the issuer has no key that signs credentials')
  return key.publicKey
}

function nonceOf(response: unknown): string {
  const nonce: unknown =
    typeof response === 'object' && response !== null ? Reflect.get(response, 'c_nonce') : undefined
  if (typeof nonce === 'string') return nonce
  throw new MunimentError('ERR_PROTOCOL', 'the issuer gave no nonce')
}
