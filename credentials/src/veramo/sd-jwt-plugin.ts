import { base64url, fromBase64url } from '@muniment/crypto'
import { jwkFromPublicKey, jwkThumbprint, publicKeyFromJwk } from '@muniment/identity'
import {
  type Clock,
  type Cryptography,
  MunimentError,
  type Problem,
  type Random,
  type Resolver,
  type Signer,
} from '@muniment/interface'
import type {
  IAgentContext,
  IAgentPlugin,
  IDIDManager,
  IKeyManager,
  IPluginMethodMap,
} from '@veramo/core-types'
import { bindPresentation } from '../formats/sd-jwt/bind.ts'
import type { ClaimPath } from '../formats/sd-jwt/claim-path.ts'
import { issueSdJwtVc } from '../formats/sd-jwt/issue-vc.ts'
import { parseSdJwt } from '../formats/sd-jwt/parse.ts'
import { presentSdJwt } from '../formats/sd-jwt/present.ts'
import { verifySdJwtVcWith } from '../formats/sd-jwt/verify-vc.ts'
import type { JsonObject, JsonValue } from '../jose/json.ts'
import { parseDcqlQuery } from '../query/dcql-query.ts'
import { selectCredentials } from '../query/select-credentials.ts'
import { didIssuerKey } from '../verifier/did-issuer-key.ts'
import { publicKeyOf } from './identifier-plugin.ts'

/** What `createSdJwtVc` takes. */
export interface CreateSdJwtVcArgs {
  /** A DID of the agent, whose key signs. */
  readonly issuer: string
  readonly vct: string
  readonly claims: JsonObject
  readonly disclosable?: readonly ClaimPath[]
  /** The holder's public key as a JWK. */
  readonly holderJwk: unknown
  /** Unix seconds. */
  readonly expires: number
}

/** What `createSdJwtVcPresentation` takes. The holder key must be one of the agent's. */
export interface CreateSdJwtVcPresentationArgs {
  readonly credential: string
  readonly reveal: readonly ClaimPath[]
  readonly audience: string
  readonly nonce: string
  readonly transactionData?: readonly string[]
}

/** What `verifySdJwtVcPresentation` takes. The caller uses the nonce up. */
export interface VerifySdJwtVcPresentationArgs {
  readonly presentation: string
  readonly audience: string
  readonly nonce: string
  readonly transactionData?: readonly string[]
  /** DIDs of the issuers that count. */
  readonly trustedIssuers: readonly string[]
}

/** A verdict as agents pass it on: JSON. */
export interface SdJwtVcVerdict {
  readonly verified: boolean
  readonly problems: readonly Problem[]
  /** Absent unless verified. */
  readonly claims?: JsonObject
}

/** SD-JWT VC as methods of a Veramo agent. */
export interface SdJwtMethods extends IPluginMethodMap {
  /** Issues an SD-JWT VC bound to a holder key. */
  createSdJwtVc(args: CreateSdJwtVcArgs, context: SdJwtContext): Promise<string>
  /** Shows chosen claims of a credential, bound to one request. Throws `ERR_KEY_UNKNOWN` for a holder key of another agent. */
  createSdJwtVcPresentation(args: CreateSdJwtVcPresentationArgs, context: SdJwtContext): Promise<string>
  /** Verifies a presentation; issuers' keys come from their DIDs. */
  verifySdJwtVcPresentation(args: VerifySdJwtVcPresentationArgs): Promise<SdJwtVcVerdict>
  /** Which of the credentials answer a DCQL query, and what each discloses: positions and paths, by query id. */
  selectSdJwtVcs(args: {
    readonly query: unknown
    readonly credentials: readonly string[]
  }): Promise<JsonValue>
}

/** The other methods that these call. */
export type SdJwtContext = IAgentContext<
  Pick<IKeyManager, 'keyManagerSign' | 'keyManagerGet'> & Pick<IDIDManager, 'didManagerGet'>
>

/** What the plugin needs of its surroundings. */
export interface SdJwtPluginComponents {
  readonly cryptography: Cryptography
  readonly random: Random
  readonly clock: Clock
  readonly resolver: Resolver
}

/** The strict SD-JWT VC engine as a Veramo plugin. Every result is a text or small JSON, because agents write results out as JSON. */
export function sdJwtPlugin(
  components: SdJwtPluginComponents,
): IAgentPlugin & { readonly methods: SdJwtMethods } {
  return {
    methods: {
      createSdJwtVc: (args, context) => createVc(components, args, context),
      createSdJwtVcPresentation: (args, context) => present(components, args, context),
      verifySdJwtVcPresentation: (args) => verify(components, args),
      selectSdJwtVcs: async ({ credentials, query }) => select(components, query, credentials),
    },
  }
}

async function createVc(
  { clock, cryptography, random, resolver }: SdJwtPluginComponents,
  { claims, disclosable = [], expires, holderJwk, issuer, vct }: CreateSdJwtVcArgs,
  context: SdJwtContext,
): Promise<string> {
  const { controllerKeyId } = await context.agent.didManagerGet({ did: issuer })
  if (controllerKeyId === undefined)
    throw new MunimentError('ERR_KEY_UNKNOWN', 'this identifier has no key here')
  const signer = await agentSigner(context, controllerKeyId)
  const { keys } = await resolver.resolve(issuer)
  const kid = keys.find(({ purposes }) => purposes.includes('assertionMethod'))?.id
  const cnf = { jwk: { ...jwkFromPublicKey(publicKeyFromJwk(holderJwk)) } }
  const iat = Math.floor(clock.now() / 1000)
  const payload = { ...claims, iss: issuer, vct, iat, exp: expires, cnf }
  const header = kid === undefined ? {} : { kid }
  return issueSdJwtVc({ cryptography, random, signer }, { payload, disclosable, header })
}

async function present(
  { clock, cryptography }: SdJwtPluginComponents,
  { audience, credential, nonce, reveal, transactionData = [] }: CreateSdJwtVcPresentationArgs,
  context: SdJwtContext,
): Promise<string> {
  const sdJwt = parseSdJwt(cryptography, credential)
  if (!sdJwt.holderKey) throw new MunimentError('ERR_KEY_UNKNOWN', 'this credential is bound to no key')
  const signer = await agentSigner(context, jwkThumbprint(cryptography, sdJwt.holderKey))
  const shown = presentSdJwt(sdJwt, { cryptography }, { reveal, nested: true })
  const issuedAt = Math.floor(clock.now() / 1000)
  return bindPresentation(shown, { cryptography, signer }, { audience, nonce, issuedAt, transactionData })
}

async function verify(
  { clock, cryptography, resolver }: SdJwtPluginComponents,
  { audience, nonce, presentation, transactionData = [], trustedIssuers }: VerifySdJwtVcPresentationArgs,
): Promise<SdJwtVcVerdict> {
  const issuerKey = didIssuerKey(resolver, (issuer) => trustedIssuers.includes(issuer))
  const at = Math.floor(clock.now() / 1000)
  const keyBinding = { audience, nonce, transactionData }
  const outcome = await verifySdJwtVcWith(presentation, { cryptography, issuerKey }, { at, keyBinding })
  return outcome.ok
    ? { verified: true, problems: [], claims: outcome.claims }
    : { verified: false, problems: outcome.problems }
}

function select(
  { cryptography }: SdJwtPluginComponents,
  query: unknown,
  credentials: readonly string[],
): JsonValue {
  const held = credentials.map((credential, index) => {
    const { claims } = parseSdJwt(cryptography, credential)
    return { index, vct: typeof claims['vct'] === 'string' ? claims['vct'] : '', claims }
  })
  const selection = selectCredentials(parseDcqlQuery(query), held)
  if (!selection.ok)
    return { answered: false, problems: selection.problems.map((problem) => ({ ...problem })) }
  const matches = Object.entries(selection.matches).map(
    ([id, found]) =>
      [id, found.map(({ credential, disclose }) => ({ index: credential.index, disclose }))] as const,
  )
  return { answered: true, chosen: selection.chosen, matches: Object.fromEntries(matches) }
}

/** Signs through the agent, so that the key stays with whoever manages it. */
async function agentSigner({ agent }: SdJwtContext, kid: string): Promise<Signer> {
  const publicKey = publicKeyOf(await agent.keyManagerGet({ kid }))
  return {
    publicKey,
    async sign(message) {
      const data = base64url(message)
      return fromBase64url(await agent.keyManagerSign({ keyRef: kid, data, encoding: 'base64' }))
    },
  }
}
