import {
  type DidKey,
  type DidService,
  MunimentError,
  type PublicKey,
  type ResolvedDid,
} from '@muniment/interface'
import * as v from 'valibot'
import { MAX_DOCUMENT_ITEMS } from './constants.ts'
import { publicKeyFromJwk } from './jwk.ts'
import { publicKeyFromMultikey } from './multikey.ts'

const METHOD = v.looseObject({
  id: v.string(),
  controller: v.optional(v.string()),
  publicKeyJwk: v.optional(v.unknown()),
  publicKeyMultibase: v.optional(v.string()),
})
const REFERENCES = v.optional(
  v.pipe(v.array(v.union([v.string(), METHOD])), v.maxLength(MAX_DOCUMENT_ITEMS)),
  [],
)
const ENDPOINT = v.union([v.string(), v.looseObject({ uri: v.string() })])
const SERVICE = v.looseObject({ id: v.string(), type: v.string(), serviceEndpoint: v.unknown() })

const DOCUMENT = v.looseObject({
  id: v.string(),
  verificationMethod: v.optional(v.pipe(v.array(METHOD), v.maxLength(MAX_DOCUMENT_ITEMS)), []),
  authentication: REFERENCES,
  assertionMethod: REFERENCES,
  keyAgreement: REFERENCES,
  service: v.optional(v.pipe(v.array(SERVICE), v.maxLength(MAX_DOCUMENT_ITEMS)), []),
})

type Method = v.InferOutput<typeof METHOD>
type Document = v.InferOutput<typeof DOCUMENT>

const PURPOSES = ['authentication', 'assertionMethod', 'keyAgreement'] as const

/**
 * Reduces a DID document (W3C DID Core 1.0) to the keys and services that Muniment uses. Keys of other types, keys of
 * another controller, keys for no purpose, and services without an address are left out. Throws `ERR_MALFORMED`.
 */
export function parseDidDocument(value: unknown): ResolvedDid {
  const parsed = v.safeParse(DOCUMENT, value)
  if (!parsed.success) throw new MunimentError('ERR_MALFORMED', 'this is not a DID document')
  const document = parsed.output
  return {
    did: document.id,
    keys: readKeys(document),
    services: document.service.flatMap(readService(document.id)),
  }
}

function readKeys(document: Document): readonly DidKey[] {
  const purposes = new Map<string, DidKey['purposes'][number][]>()
  const methods = new Map<string, Method>()
  for (const method of document.verificationMethod) methods.set(absolute(document.id, method.id), method)
  for (const purpose of PURPOSES) {
    for (const reference of document[purpose]) {
      const id = absolute(document.id, typeof reference === 'string' ? reference : reference.id)
      if (typeof reference !== 'string') methods.set(id, reference)
      purposes.set(id, [...(purposes.get(id) ?? []), purpose])
    }
  }
  return [...methods].flatMap(([id, method]) => {
    const granted = purposes.get(id)
    const publicKey = granted && isOwn(document.id, id, method) ? readKey(method) : undefined
    return granted && publicKey ? [{ id, publicKey, purposes: granted }] : []
  })
}

/** A key counts only under the subject's own name and control: a document must not lend itself another's key id. */
function isOwn(did: string, id: string, method: Method): boolean {
  return id.startsWith(`${did}#`) && (method.controller === undefined || method.controller === did)
}

function readKey(method: Method): PublicKey | undefined {
  try {
    if (method.publicKeyMultibase !== undefined) return publicKeyFromMultikey(method.publicKeyMultibase)
    return publicKeyFromJwk(method.publicKeyJwk)
  } catch {
    return undefined
  }
}

function readService(did: string): (service: v.InferOutput<typeof SERVICE>) => DidService[] {
  return ({ id, type, serviceEndpoint }) => {
    const candidates: readonly unknown[] = Array.isArray(serviceEndpoint)
      ? serviceEndpoint
      : [serviceEndpoint]
    for (const candidate of candidates.slice(0, MAX_DOCUMENT_ITEMS)) {
      const endpoint = v.safeParse(ENDPOINT, candidate)
      if (!endpoint.success) continue
      const address = endpoint.output
      return [{ id: absolute(did, id), type, endpoint: typeof address === 'string' ? address : address.uri }]
    }
    return []
  }
}

/** Relative references count from the document's own DID (W3C DID Core 1.0, section 3.2.2). */
function absolute(did: string, id: string): string {
  return id.startsWith('#') ? did + id : id
}
