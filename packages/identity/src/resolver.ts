import {
  type Clock,
  type Cryptography,
  type Did,
  isMunimentError,
  MunimentError,
  type ResolvedDid,
  type Resolver as ResolverPort,
} from '@muniment/interface'
import {
  type DIDDocument,
  type DIDResolutionResult,
  type DIDResolver,
  type ParsedDID,
  Resolver as MethodRegistry,
} from 'did-resolver'
import { MAX_DID_LENGTH } from './constants.ts'
import { parseDidDocument } from './did-document.ts'
import { didJwkDocument } from './did-jwk.ts'
import { didKeyDocument } from './did-key.ts'
import { didPeer2Document } from './did-peer-2.ts'
import { didPeer4Document } from './did-peer-4.ts'
import { type DidWebInit, didWebDocument, type FetchJson } from './did-web.ts'
import { documentCache } from './document-cache.ts'

/** What resolving DIDs needs of its surroundings. */
export interface ResolverComponents {
  readonly cryptography: Cryptography
  readonly clock: Clock
  /** Without it, did:web is not resolved. */
  readonly fetchJson?: FetchJson
}

/** The port, and the whole document as did-resolver gives it (for agents that speak in documents). */
export interface DocumentResolver extends ResolverPort {
  /** Resolves to a document or to `didResolutionMetadata.error`; throws only `ERR_ABORTED`. */
  resolveDocument(did: Did, options?: { readonly signal?: AbortSignal }): Promise<DIDResolutionResult>
}

/**
 * Resolves did:key, did:jwk, did:peer (numalgo 2, and 4 in its long form) and did:web through did-resolver, with a cache
 * of `MAX_CACHED_DOCUMENTS` documents for `MAX_CACHED_AGE`.
 */
export function createResolver(components: ResolverComponents, init: DidWebInit = {}): DocumentResolver {
  const methods = new MethodRegistry(registry(components, init), { cache: documentCache(components.clock) })
  const resolveDocument: DocumentResolver['resolveDocument'] = async (did, { signal } = {}) => {
    if (signal?.aborted) throw aborted(signal.reason)
    if (did.length > MAX_DID_LENGTH) return failed('invalidDid', 'this DID is too long')
    return methods.resolve(did, signal ? { signal } : {})
  }
  return {
    resolveDocument,
    async resolve(did, options): Promise<ResolvedDid> {
      const { didDocument, didResolutionMetadata } = await resolveDocument(did, options)
      if (!didDocument) {
        const { error, message } = didResolutionMetadata
        const reason = typeof message === 'string' ? message : (error ?? 'there is no document')
        throw new MunimentError('ERR_DID_UNRESOLVED', `this DID does not resolve: ${reason}`)
      }
      return parseDidDocument(didDocument)
    },
  }
}

type Read = (parsed: ParsedDID, signal: AbortSignal | undefined) => DIDDocument | Promise<DIDDocument>

function registry(
  { cryptography, fetchJson }: ResolverComponents,
  init: DidWebInit,
): Record<string, DIDResolver> {
  const peer: Read = ({ did }) =>
    did.startsWith('did:peer:2') ? didPeer2Document(did) : didPeer4Document(cryptography, did)
  return {
    jwk: method(({ did }) => didJwkDocument(did)),
    key: method(({ did }) => didKeyDocument(did)),
    peer: method(peer),
    ...(fetchJson && {
      web: method(({ did }, signal) => didWebDocument(fetchJson, did, { ...init, signal })),
    }),
  }
}

/** Fits one method into did-resolver: a refusal becomes the metadata's error, an abort stays an abort. */
function method(read: Read): DIDResolver {
  return async (_did, parsed, _resolver, options) => {
    const signal: unknown = options['signal']
    try {
      const didDocument = await read(parsed, signal instanceof AbortSignal ? signal : undefined)
      parseDidDocument(didDocument)
      return {
        didResolutionMetadata: { contentType: 'application/did+ld+json' },
        didDocument,
        didDocumentMetadata: {},
      }
    } catch (cause) {
      if (signal instanceof AbortSignal && signal.aborted) throw aborted(cause)
      if (!isMunimentError(cause)) return failed('notFound', 'it could not be read')
      return failed(cause.code === 'ERR_MALFORMED' ? 'invalidDid' : 'notFound', cause.message)
    }
  }
}

function aborted(cause: unknown): MunimentError {
  return new MunimentError('ERR_ABORTED', 'the resolution was given up', { cause })
}

function failed(error: string, message: string): DIDResolutionResult {
  return { didResolutionMetadata: { error, message }, didDocument: null, didDocumentMetadata: {} }
}
