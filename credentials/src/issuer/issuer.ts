import { base64url, hashInDomain, utf8 } from '@muniment/crypto'
import { jwkThumbprint } from '@muniment/identity'
import {
  type Clock,
  type Cryptography,
  isMunimentError,
  MunimentError,
  type Outcome,
  type Random,
  type Refusal,
  type Signer,
  type Store,
} from '@muniment/interface'
import type { JsonObject } from '../jose/json.ts'
import { type Nonces, openNonces } from '../once/nonces.ts'
import { rowBytes } from '../once/row.ts'
import { type InTurn, turnstile } from '../once/turnstile.ts'
import {
  ACCESS_TOKEN_LIFETIME,
  GRANT_LIFETIME,
  MAX_TX_CODE_TRIES,
  OFFER_LIFETIME,
  PROOF_NONCE_LIFETIME,
  TX_CODE_LENGTH,
} from './constants.ts'
import { copyDates, issueCopies } from './copies.ts'
import {
  canonical,
  type CodeRow,
  ISSUER_TABLES,
  readCode,
  readGrant,
  readToken,
  sweepIssuerRows,
} from './issuer-rows.ts'
import {
  type CredentialOffer,
  type CredentialRequest,
  type CredentialResponse,
  parseCredentialRequest,
  parseTokenRequest,
  PRE_AUTHORIZED_CODE,
  type TokenRequest,
  type TokenResponse,
} from './messages.ts'
import { nonceOfProof, verifyProofs } from './proof.ts'
import { type CredentialTemplate, TEMPLATES, templateProblems } from './templates.ts'

/** What an issuer needs of its surroundings. */
export interface IssuerComponents {
  readonly cryptography: Cryptography
  readonly random: Random
  readonly clock: Clock
  readonly store: Store
  /** The key that signs credentials. */
  readonly signer: Signer
}

/** Who the issuer is and what it certifies. */
export interface IssuerInit {
  /** Its identifier: `iss` of every copy and the audience of every proof. */
  readonly issuer: string
  readonly keyId?: string
  /** Default: `TEMPLATES`. */
  readonly templates?: readonly CredentialTemplate[]
}

/** An offer, and the code that travels another way when one was asked for. */
export interface MadeOffer {
  readonly offer: CredentialOffer
  readonly txCode?: string
}

/**
 * Certifies facts and gives out single-use copies, with the messages of OpenID4VCI 1.0. A "no" carries the error code of
 * that standard as its first problem; `errorResponse` writes it down.
 */
export interface Issuer {
  readonly issuer: string
  /**
   * Certifies claims: durable when it resolves. Throws `ERR_INVALID_ARGUMENT` for claims that are not those of the
   * template, `ERR_NOT_FOUND` for a template that the issuer does not have.
   */
  offer(draft: {
    readonly template: string
    readonly claims: JsonObject
    /** Ask for a code that reaches the person another way. Default: false. */
    readonly withTxCode?: boolean
  }): Promise<MadeOffer>
  /** Answers a token request: `invalid_request`, `invalid_grant`. An offer is taken up once. */
  token(request: unknown): Promise<Outcome<{ readonly response: TokenResponse }>>
  /** Answers a nonce request (section 7). */
  nonce(): { readonly c_nonce: string }
  /**
   * Answers a credential request: `invalid_token`, `invalid_credential_request`, `unknown_credential_configuration`,
   * `invalid_proof`, `invalid_nonce`. Which keys got a copy is on disk before the copies leave.
   */
  credential(
    request: unknown,
    accessToken: string,
  ): Promise<Outcome<{ readonly response: CredentialResponse }>>
}

/** Opens an issuer over its store, and removes from it what has lapsed. */
export async function openIssuer(components: IssuerComponents, init: IssuerInit): Promise<Issuer> {
  await sweepIssuerRows(components.store, components.clock.now())
  const nonces = await openNonces(components, { table: ISSUER_TABLES.nonces, lifetime: PROOF_NONCE_LIFETIME })
  const context: Context = {
    ...components,
    init,
    nonces,
    purpose: utf8(init.issuer),
    inTurn: turnstile(),
    templates: new Map((init.templates ?? TEMPLATES).map((template) => [template.id, template])),
  }
  return {
    issuer: init.issuer,
    offer: (draft) => offer(context, draft),
    nonce: () => ({ c_nonce: nonces.create(context.purpose) }),
    async token(request) {
      const parsed = reading(() => parseTokenRequest(request))
      return parsed ? token(context, parsed) : refused('invalid_request', 'This is not a token request.')
    },
    async credential(request, accessToken) {
      const parsed = reading(() => parseCredentialRequest(request))
      if (!parsed) return refused('invalid_credential_request', 'This is not a credential request.')
      return credential(context, parsed, accessToken)
    },
  }
}

interface Context extends IssuerComponents {
  readonly init: IssuerInit
  readonly nonces: Nonces
  readonly purpose: Uint8Array
  readonly inTurn: InTurn
  readonly templates: ReadonlyMap<string, CredentialTemplate>
}

async function offer(context: Context, draft: Parameters<Issuer['offer']>[0]): Promise<MadeOffer> {
  const { clock, init, random, store, templates } = context
  const template = templates.get(draft.template)
  if (!template) throw new MunimentError('ERR_NOT_FOUND', 'the issuer has no such type of credential')
  const problems = templateProblems(template, draft.claims)
  if (problems.length > 0) {
    throw new MunimentError('ERR_INVALID_ARGUMENT', problems.map(({ message }) => message).join(' '))
  }
  const [grant, code, refresh] = [secret(random), secret(random), secret(random)]
  const txCode = draft.withTxCode ? digits(random) : undefined
  const now = clock.now()
  const row: CodeRow = {
    grant,
    refresh,
    expires: now + OFFER_LIFETIME,
    txCode: txCode === undefined ? null : hash(context, `${code}.${txCode}`),
    tries: 0,
  }
  const certified = { template: template.id, claims: draft.claims, expires: now + GRANT_LIFETIME }
  await store.commit([
    { table: ISSUER_TABLES.grants, key: grant, value: rowBytes(canonical(certified)) },
    { table: ISSUER_TABLES.codes, key: hash(context, code), value: rowBytes(canonical(row)) },
  ])
  const txCodeShape = { input_mode: 'numeric', length: TX_CODE_LENGTH } as const
  const made: CredentialOffer = {
    credential_issuer: init.issuer,
    credential_configuration_ids: [template.id],
    grants: {
      [PRE_AUTHORIZED_CODE]: {
        'pre-authorized_code': code,
        ...(txCode !== undefined && { tx_code: txCodeShape }),
      },
    },
  }
  return txCode === undefined ? { offer: made } : { offer: made, txCode }
}

async function token(
  context: Context,
  request: TokenRequest,
): Promise<Outcome<{ readonly response: TokenResponse }>> {
  if (request.grant_type === 'refresh_token') return renew(context, request.refresh_token)
  const name = hash(context, request['pre-authorized_code'])
  return context.inTurn(name, () => takeUp(context, name, request))
}

async function takeUp(
  context: Context,
  name: string,
  request: Extract<TokenRequest, { readonly grant_type: typeof PRE_AUTHORIZED_CODE }>,
): Promise<Outcome<{ readonly response: TokenResponse }>> {
  const { clock, store } = context
  const row = await readCode(store, name)
  if (!row || row.expires <= clock.now())
    return refused('invalid_grant', 'The offer is not open, or not any more.')
  const given =
    request.tx_code === undefined
      ? null
      : hash(context, `${request['pre-authorized_code']}.${request.tx_code}`)
  if (row.txCode !== given) {
    const tries = row.tries + 1
    const value = tries >= MAX_TX_CODE_TRIES ? undefined : rowBytes(canonical({ ...row, tries }))
    await store.commit([{ table: ISSUER_TABLES.codes, key: name, value }])
    return refused('invalid_grant', 'The transaction code is wrong.')
  }
  const access = secret(context.random)
  const now = clock.now()
  await store.commit([
    { table: ISSUER_TABLES.codes, key: name, value: undefined },
    accessChange(context, access, row.grant),
    {
      table: ISSUER_TABLES.refresh,
      key: hash(context, row.refresh),
      value: rowBytes(canonical({ grant: row.grant, expires: now + GRANT_LIFETIME })),
    },
  ])
  return { ok: true, response: tokenResponse(access, row.refresh) }
}

/** The grant stays as it is: several devices hold it, and each renews its own copies with it (protocol rule 9). */
async function renew(
  context: Context,
  refresh: string,
): Promise<Outcome<{ readonly response: TokenResponse }>> {
  const row = await readToken(context.store, 'refresh', hash(context, refresh))
  if (!row || row.expires <= context.clock.now())
    return refused('invalid_grant', 'The renewal grant does not count.')
  const access = secret(context.random)
  await context.store.commit([accessChange(context, access, row.grant)])
  return { ok: true, response: tokenResponse(access, refresh) }
}

function accessChange(
  context: Context,
  access: string,
  grant: string,
): { table: string; key: string; value: Uint8Array } {
  const expires = context.clock.now() + ACCESS_TOKEN_LIFETIME
  return {
    table: ISSUER_TABLES.access,
    key: hash(context, access),
    value: rowBytes(canonical({ grant, expires })),
  }
}

function tokenResponse(access: string, refresh: string): TokenResponse {
  return {
    access_token: access,
    token_type: 'Bearer',
    expires_in: ACCESS_TOKEN_LIFETIME / 1000,
    refresh_token: refresh,
  }
}

async function credential(
  context: Context,
  request: CredentialRequest,
  accessToken: string,
): Promise<Outcome<{ readonly response: CredentialResponse }>> {
  const { clock, cryptography, init, nonces, purpose, store, templates } = context
  const row = await readToken(store, 'access', hash(context, accessToken))
  const grant = row && row.expires > clock.now() ? await readGrant(store, row.grant) : undefined
  if (!row || !grant || grant.expires <= clock.now())
    return refused('invalid_token', 'The access token does not count.')
  const template = templates.get(grant.template)
  if (!template || request.credential_configuration_id !== template.id) {
    return refused('unknown_credential_configuration', 'The access token is not for this type of credential.')
  }
  const proofs = request.proofs.jwt
  const nonce = nonceOfProof(proofs[0] ?? '')
  if (nonce === undefined) return refused('invalid_proof', 'A proof of possession is wrong.')
  const at = Math.floor(clock.now() / 1000)
  const proved = verifyProofs(cryptography, proofs, { audience: init.issuer, nonce, at })
  if (!proved.ok) return proved
  if ((await nonces.consume(purpose, nonce)) !== 'consumed') {
    return refused('invalid_nonce', 'The nonce of the proofs is not one of here, or has been used.')
  }
  const dates = copyDates(clock)
  const names = proved.keys.map((key) => jwkThumbprint(cryptography, key))
  return context.inTurn('copies', async () => {
    const known = await Promise.all(names.map((key) => store.get(ISSUER_TABLES.copies, key)))
    if (known.some((found) => found !== undefined))
      return refused('invalid_proof', 'A key has a copy already.')
    const value = rowBytes({ grant: row.grant, ...dates })
    await store.commit(names.map((key) => ({ table: ISSUER_TABLES.copies, key, value })))
    const draft = { issuer: init.issuer, template, claims: grant.claims, dates }
    const keyed = init.keyId === undefined ? draft : { ...draft, keyId: init.keyId }
    const copies = await issueCopies(context, keyed, proved.keys)
    return { ok: true, response: { credentials: copies.map((copy) => ({ credential: copy })) } }
  })
}

function reading<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isMunimentError(error, 'ERR_MALFORMED')) return undefined
    throw error
  }
}

function secret(random: Random): string {
  return base64url(random(32))
}

/** Six digits without bias worth the name: 64 random bits over a million. */
function digits(random: Random): string {
  const bits = new DataView(random(8).slice().buffer).getBigUint64(0)
  return String(bits % 10n ** BigInt(TX_CODE_LENGTH)).padStart(TX_CODE_LENGTH, '0')
}

/** Codes and tokens are stored as hashes: who reads the store cannot use them. */
function hash({ cryptography }: Context, text: string): string {
  return base64url(hashInDomain(cryptography, 'muniment/issuer-secret/1', utf8(text)))
}

function refused(code: string, message: string): Refusal {
  return { ok: false, problems: [{ code, message }] }
}
