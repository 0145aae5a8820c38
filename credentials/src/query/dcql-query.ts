import { MunimentError } from '@muniment/interface'
import * as v from 'valibot'
import type { ClaimPath } from '../formats/sd-jwt/claim-path.ts'
import type { JsonObject } from '../jose/json.ts'

/** Credentials, claims, sets and alternatives of one query, each at the most: a person must be able to read them. */
export const MAX_QUERY_ITEMS = 64
/** Steps of a claim's path at the most. */
export const MAX_PATH_LENGTH = 16

/** One claim asked for (OpenID4VP 1.0, section 6.3). */
export interface ClaimQuery {
  readonly id?: string
  readonly path: ClaimPath
  /** Only these values count as there. */
  readonly values?: readonly (string | number | boolean)[]
}

/** One credential asked for (OpenID4VP 1.0, section 6.1). */
export interface CredentialQuery {
  readonly id: string
  /** `dc+sd-jwt` is what can be matched; other formats are read and match nothing. */
  readonly format: string
  readonly meta: JsonObject
  /** For `dc+sd-jwt`: the types that are accepted, compared as texts (OpenID4VP 1.0, appendix B.3.5). */
  readonly vctValues: readonly string[]
  readonly multiple: boolean
  readonly requireHolderBinding: boolean
  /** Absent: nothing that can be withheld is asked for. */
  readonly claims?: readonly ClaimQuery[]
  /** Alternatives, by claim id, the verifier's favourite first. */
  readonly claimSets?: readonly (readonly string[])[]
  /** True when the query named trusted authorities, which are not looked at. */
  readonly namesAuthorities: boolean
}

/** Which credentials go together (OpenID4VP 1.0, section 6.2). */
export interface CredentialSetQuery {
  readonly options: readonly (readonly string[])[]
  readonly required: boolean
}

/** What a verifier asks (OpenID4VP 1.0, section 6). */
export interface DcqlQuery {
  readonly credentials: readonly CredentialQuery[]
  readonly credentialSets?: readonly CredentialSetQuery[]
}

function some<T extends v.GenericSchema>(
  item: T,
): v.SchemaWithPipe<
  readonly [
    v.ArraySchema<T, undefined>,
    v.MinLengthAction<v.InferOutput<T>[], 1, undefined>,
    v.MaxLengthAction<v.InferOutput<T>[], 64, undefined>,
  ]
> {
  return v.pipe(v.array(item), v.minLength(1), v.maxLength(MAX_QUERY_ITEMS))
}

const ID = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,128}$/))
const STEP = v.union([v.string(), v.null(), v.pipe(v.number(), v.safeInteger(), v.minValue(0))])
const CLAIM = v.object({
  id: v.optional(ID),
  path: v.pipe(v.array(STEP), v.minLength(1), v.maxLength(MAX_PATH_LENGTH)),
  values: v.optional(some(v.union([v.string(), v.boolean(), v.pipe(v.number(), v.safeInteger())]))),
})
const JSON_OBJECT: v.GenericSchema<JsonObject> = v.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
)
const CREDENTIAL = v.object({
  id: ID,
  format: v.pipe(v.string(), v.minLength(1)),
  multiple: v.optional(v.boolean(), false),
  meta: JSON_OBJECT,
  trusted_authorities: v.optional(some(v.object({ type: v.string(), values: some(v.string()) }))),
  require_cryptographic_holder_binding: v.optional(v.boolean(), true),
  claims: v.optional(some(CLAIM)),
  claim_sets: v.optional(some(some(ID))),
})
const QUERY = v.object({
  credentials: some(CREDENTIAL),
  credential_sets: v.optional(
    some(v.object({ options: some(some(ID)), required: v.optional(v.boolean(), true) })),
  ),
})
const META = v.object({ vct_values: some(v.pipe(v.string(), v.minLength(1))) })

/**
 * Reads a DCQL query. Members it does not know are ignored; everything else must be as section 6 of OpenID4VP 1.0 says:
 * ids unique, sets naming ids that exist, claims with ids where alternatives are given. Throws `ERR_MALFORMED`.
 */
export function parseDcqlQuery(value: unknown): DcqlQuery {
  const parsed = v.safeParse(QUERY, value)
  if (!parsed.success) throw malformed('this is not a DCQL query')
  const { credentials, credential_sets: sets } = parsed.output
  const query: DcqlQuery = {
    credentials: credentials.map(readCredential),
    ...(sets && { credentialSets: sets }),
  }
  checkReferences(query)
  return query
}

function readCredential(source: v.InferOutput<typeof CREDENTIAL>): CredentialQuery {
  const { claims, claim_sets: claimSets, format, id, meta, multiple } = source
  if (claimSets) checkClaimSets(claims, claimSets)
  else if (!areUnique((claims ?? []).flatMap((claim) => claim.id ?? [])))
    throw malformed('a claim id stands twice')
  return {
    id,
    format,
    meta,
    multiple,
    vctValues: format === 'dc+sd-jwt' ? readVctValues(meta) : [],
    requireHolderBinding: source.require_cryptographic_holder_binding,
    namesAuthorities: source.trusted_authorities !== undefined,
    ...(claims && { claims: claims.map(readClaim) }),
    ...(claimSets && { claimSets }),
  }
}

function readClaim({ id, path, values }: v.InferOutput<typeof CLAIM>): ClaimQuery {
  return { path, ...(id !== undefined && { id }), ...(values && { values }) }
}

function readVctValues(meta: JsonObject): readonly string[] {
  const parsed = v.safeParse(META, meta)
  if (!parsed.success) throw malformed('a query for dc+sd-jwt names no types')
  return parsed.output.vct_values
}

function checkClaimSets(
  claims: readonly { id?: string | undefined }[] | undefined,
  claimSets: readonly (readonly string[])[],
): void {
  const ids = (claims ?? []).flatMap(({ id }) => id ?? [])
  if (!claims || ids.length !== claims.length || !areUnique(ids)) {
    throw malformed('alternatives need claims that each have an id of their own')
  }
  if (!claimSets.flat().every((id) => ids.includes(id)))
    throw malformed('an alternative names a claim that is not there')
}

function checkReferences({ credentials, credentialSets = [] }: DcqlQuery): void {
  const ids = credentials.map(({ id }) => id)
  if (!areUnique(ids)) throw malformed('a credential id stands twice')
  const named = credentialSets.flatMap(({ options }) => options.flat())
  if (!named.every((id) => ids.includes(id))) throw malformed('a set names a credential that is not there')
}

function areUnique(ids: readonly string[]): boolean {
  return new Set(ids).size === ids.length
}

function malformed(message: string): MunimentError {
  return new MunimentError('ERR_MALFORMED', message)
}
