/**
 * Credentials: the strict SD-JWT engine (RFC 9901, SD-JWT VC) that issues, presents and verifies.
 *
 * @example
 * ```ts
 * import { bindPresentation, issueSdJwtVc, presentSdJwt, verifySdJwtVc } from '@muniment/credentials'
 * import { jwkFromPublicKey } from '@muniment/identity'
 * import { nodeCryptography as cryptography, nodeRandom as random } from 'muniment/platform'
 *
 * const issuer = cryptography.signer(cryptography.generateKeyPair('ES256'))
 * const holder = cryptography.signer(cryptography.generateKeyPair('ES256'))
 * const cnf = { jwk: jwkFromPublicKey(holder.publicKey) }
 * const payload = { vct: 'https://example.org/address', cnf, street: 'Rue Haute 1', town: 'Namur' }
 * const disclosable = [['street'], ['town']]
 * const credential = await issueSdJwtVc({ cryptography, random, signer: issuer }, { payload, disclosable })
 *
 * const shown = presentSdJwt(credential, { cryptography }, { reveal: [['town']] })
 * const request = { audience: 'x509_san_dns:landlord.example', nonce: 'n-0S6_WzA2Mj', transactionData: [] }
 * const at = Date.now() / 1000
 * const sent = await bindPresentation(shown, { cryptography, signer: holder }, { ...request, issuedAt: at })
 *
 * verifySdJwtVc(sent, { cryptography }, { issuerKey: issuer.publicKey, at, keyBinding: request })
 * ```
 * @packageDocumentation
 */
export { bindPresentation, type BindingDraft } from './formats/sd-jwt/bind.ts'
export { type ClaimPath, expandPath } from './formats/sd-jwt/claim-path.ts'
export {
  CLOCK_SKEW_SECONDS,
  KEY_BINDING_MAX_AGE_SECONDS,
  MAX_CLAIM_DEPTH,
  MAX_TOKEN_LENGTH,
  NEVER_DISCLOSABLE,
  SALT_LENGTH,
  SD_JWT_VC_TYPES,
} from './formats/sd-jwt/constants.ts'
export type { Disclosure } from './formats/sd-jwt/disclosure.ts'
export { issueSdJwt, type IssueComponents, type SdJwtDraft } from './formats/sd-jwt/issue.ts'
export { issueSdJwtVc } from './formats/sd-jwt/issue-vc.ts'
export { parseSdJwt, type PlacedDisclosure, type SdJwt } from './formats/sd-jwt/parse.ts'
export { type DisclosurePlace, disclosurePlaces } from './formats/sd-jwt/disclosure-places.ts'
export { presentFromPlaces, presentSdJwt, type Selection } from './formats/sd-jwt/present.ts'
export type { ConcretePath } from './formats/sd-jwt/process-payload.ts'
export { sdHash, transactionDataHash } from './formats/sd-jwt/sd-hash.ts'
export {
  type RequiredBinding,
  type VerifiedSdJwt,
  type VerifyComponents,
  type VerifyOptions,
  verifySdJwt,
} from './formats/sd-jwt/verify.ts'
export type { KeyBinding } from './formats/sd-jwt/verify-key-binding.ts'
export { type TokenAnswer, type TokenQuestion, verifyToken } from './formats/sd-jwt/verify-token.ts'
export { type FindIssuerKey, verifySdJwtVc, verifySdJwtVcWith } from './formats/sd-jwt/verify-vc.ts'
export { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './jose/json.ts'
export { type JwsHeader } from './jose/jws.ts'
export { MAX_JSON_DEPTH, parseStrictJson } from './jose/strict-json.ts'
export { checkPresentations } from './query/check-presentations.ts'
export {
  type ClaimQuery,
  type CredentialQuery,
  type CredentialSetQuery,
  type DcqlQuery,
  MAX_PATH_LENGTH,
  MAX_QUERY_ITEMS,
  parseDcqlQuery,
} from './query/dcql-query.ts'
export { MAX_SELECTED, placesOf, selectClaims } from './query/select-claims.ts'
export {
  type Match,
  type QuerySelection,
  type SelectableCredential,
  selectCredentials,
} from './query/select-credentials.ts'
export {
  type BatchExpectations,
  checkBatch,
  type CheckedBatch,
  type CheckedCopy,
} from './holder/accept-copies.ts'
export type { HeldCredential, HeldCredentials, RenewalGrant } from './holder/held-credentials.ts'
export {
  type Holder,
  type HolderComponents,
  openHolder,
  presentCopy,
  type PresentationDraft,
  type ReceivedBatch,
  type TakenCopy,
} from './holder/holder.ts'
export {
  COPY_LIFETIME_SECONDS,
  GRANT_LIFETIME,
  MAX_BATCH,
  OFFER_LIFETIME,
  WEEK_SECONDS,
} from './issuer/constants.ts'
export { copyDates, type CopyDates } from './issuer/copies.ts'
export {
  type Issuer,
  type IssuerComponents,
  type IssuerInit,
  type MadeOffer,
  openIssuer,
} from './issuer/issuer.ts'
export {
  type CredentialOffer,
  type CredentialRequest,
  type CredentialResponse,
  errorResponse,
  parseCredentialOffer,
  parseCredentialResponse,
  parseTokenResponse,
  PRE_AUTHORIZED_CODE,
  type TokenRequest,
  type TokenResponse,
} from './issuer/messages.ts'
export { issuerMetadata } from './issuer/metadata.ts'
export { makeProof, type ProofExpectations, verifyProofs } from './issuer/proof.ts'
export {
  type ClaimTemplate,
  type CredentialTemplate,
  DEGREE,
  INCOME_THRESHOLDS,
  incomeAtLeast,
  type Label,
  PROOF_OF_ADDRESS,
  PROOF_OF_INCOME,
  TEMPLATES,
} from './issuer/templates.ts'
export { spendCopies } from './holder/spend-copies.ts'
export { REQUEST_LIFETIME } from './verifier/constants.ts'
export {
  type AcceptedAnswer,
  openVerifier,
  type PresentationRequest,
  type Verifier,
  type VerifierComponents,
} from './verifier/verifier.ts'
export { parseVpToken, type VpToken } from './verifier/vp-token.ts'
export {
  type CredentialAgent,
  type CredentialAgentComponents,
  createCredentialAgent,
} from './veramo/agent.ts'
export { type IdentifierMethods, identifierPlugin, type KeyContext } from './veramo/identifier-plugin.ts'
export { type KeyMethods, keyPlugin, KMS } from './veramo/key-plugin.ts'
export { resolverPlugin } from './veramo/resolver-plugin.ts'
export {
  type CreateSdJwtVcArgs,
  type CreateSdJwtVcPresentationArgs,
  type SdJwtContext,
  type SdJwtMethods,
  sdJwtPlugin,
  type SdJwtPluginComponents,
  type SdJwtVcVerdict,
  type VerifySdJwtVcPresentationArgs,
} from './veramo/sd-jwt-plugin.ts'
export { didIssuerKey } from './verifier/did-issuer-key.ts'
