import { base64url, fromBase64url, utf8 } from '@muniment/crypto'
import { type Did, MunimentError, type PublicKey } from '@muniment/interface'
import type { DIDDocument, Service } from 'did-resolver'
import * as v from 'valibot'
import { parseJson } from './json-text.ts'
import { fromMultibase } from './multibase.ts'
import { multikeyFromPublicKey } from './multikey.ts'

const PREFIX = 'did:peer:2'

/** The purpose codes of did:peer, numalgo 2, and the relationship of the DID document that each one names. */
const PURPOSES = {
  A: 'assertionMethod',
  D: 'capabilityDelegation',
  E: 'keyAgreement',
  I: 'capabilityInvocation',
  V: 'authentication',
} as const

type PurposeCode = keyof typeof PURPOSES

/** What a did:peer of numalgo 2 is made of; the order of the keys decides their ids, `#key-1` onwards. */
export interface DidPeer2Parts {
  readonly keys: readonly {
    readonly purpose: 'authentication' | 'assertionMethod'
    readonly key: PublicKey
  }[]
  readonly services: readonly { readonly type: string; readonly endpoint: string }[]
}

/** Encodes a did:peer with numalgo 2 (Peer DID Method Specification): its keys and services stand in the DID itself. */
export function didPeer2({ keys, services }: DidPeer2Parts): Did {
  const keyParts = keys.map(
    ({ purpose, key }) => `.${purpose === 'authentication' ? 'V' : 'A'}${multikeyFromPublicKey(key)}`,
  )
  const serviceParts = services.map(
    ({ type, endpoint }) =>
      `.S${base64url(utf8(JSON.stringify({ t: type === 'DIDCommMessaging' ? 'dm' : type, s: endpoint })))}`,
  )
  return PREFIX + keyParts.join('') + serviceParts.join('')
}

/** The document that a did:peer with numalgo 2 stands for. Throws `ERR_MALFORMED`. */
export function didPeer2Document(did: Did): DIDDocument {
  const parts = did.split('.')
  if (parts.shift() !== PREFIX || parts.length === 0) throw malformed()
  const document: DIDDocument = {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did,
    verificationMethod: [],
    service: [],
  }
  for (const part of parts) {
    const code = part.charAt(0)
    const body = part.slice(1)
    if (code === 'S') addService(document, body)
    else if (isPurpose(code)) addKey(document, code, body)
    else throw malformed()
  }
  return document
}

function isPurpose(code: string): code is PurposeCode {
  return Object.hasOwn(PURPOSES, code)
}

function addKey(document: DIDDocument, code: PurposeCode, multikey: string): void {
  fromMultibase(multikey)
  const methods = document.verificationMethod ?? []
  const id = `#key-${methods.length + 1}`
  methods.push({ id, type: 'Multikey', controller: document.id, publicKeyMultibase: multikey })
  const purpose = PURPOSES[code]
  document[purpose] = [...(document[purpose] ?? []), id]
}

const SERVICE = v.looseObject({
  id: v.optional(v.string()),
  t: v.optional(v.string()),
  type: v.optional(v.string()),
  s: v.optional(v.unknown()),
  serviceEndpoint: v.optional(v.unknown()),
})
const ENDPOINT = v.union([v.string(), v.looseObject({ uri: v.string() })])

function addService(document: DIDDocument, encoded: string): void {
  const parsed = v.safeParse(SERVICE, parseJson(fromBase64url(encoded)))
  if (!parsed.success) throw malformed()
  const { id, t, type: longType, s, serviceEndpoint } = parsed.output
  const type = t ?? longType
  const endpoint = v.safeParse(ENDPOINT, s ?? serviceEndpoint)
  if (type === undefined || !endpoint.success) throw malformed()
  const services: Service[] = document.service ?? []
  services.push({
    id: id ?? (services.length === 0 ? '#service' : `#service-${services.length}`),
    type: type === 'dm' ? 'DIDCommMessaging' : type,
    serviceEndpoint: endpoint.output,
  })
}

function malformed(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'this is not a did:peer of numalgo 2')
}
