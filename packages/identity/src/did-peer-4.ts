import { concat, sameBytes, utf8 } from '@muniment/crypto'
import { type Cryptography, type Did, MunimentError } from '@muniment/interface'
import type { DIDDocument } from 'did-resolver'
import { MAX_DID_LENGTH } from './constants.ts'
import { parseJson } from './json-text.ts'
import { fromMultibase, toMultibase } from './multibase.ts'

const PREFIX = 'did:peer:4'
/** Multicodec `json`, 0x0200 as a varint. */
const JSON_CODEC = Uint8Array.of(0x80, 0x04)
/** Multihash header: sha2-256, 32 bytes. */
const SHA2_256 = Uint8Array.of(0x12, 0x20)

/** A JSON object, as a did:peer of numalgo 4 carries it: a DID document without its `id`. */
export type PeerDocument = Readonly<Record<string, unknown>>

/** A did:peer with numalgo 4 in both its forms: the long one carries the document, the short one names it. */
export interface DidPeer4 {
  readonly long: Did
  readonly short: Did
}

/**
 * Encodes a document without `id` as a did:peer with numalgo 4 (Peer DID Method Specification). Throws `ERR_TOO_LARGE`
 * for a document of more than 2,046 bytes of JSON.
 */
export function didPeer4(cryptography: Cryptography, document: PeerDocument): DidPeer4 {
  const encoded = toMultibase(concat(JSON_CODEC, utf8(JSON.stringify(document))))
  const short = PREFIX + hashOf(cryptography, encoded)
  const long = `${short}:${encoded}`
  return { long, short }
}

/**
 * Takes a long form apart: both forms, and the document as it was encoded. Throws `ERR_MALFORMED` when the hash does not
 * match, and for a short form, which carries nothing.
 */
export function parseDidPeer4(
  cryptography: Cryptography,
  did: Did,
): DidPeer4 & { readonly document: PeerDocument } {
  const [hash, encoded, ...rest] = did.startsWith(PREFIX) ? did.slice(PREFIX.length).split(':') : []
  if (hash === undefined || encoded === undefined || rest.length > 0 || did.length > MAX_DID_LENGTH)
    throw malformed()
  if (hashOf(cryptography, encoded) !== hash) throw malformed()
  const bytes = fromMultibase(encoded)
  if (!sameBytes(bytes.subarray(0, 2), JSON_CODEC)) throw malformed()
  const document = parseJson(bytes.subarray(2))
  if (!isJsonObject(document) || Object.hasOwn(document, 'id')) throw malformed()
  return { long: did, short: PREFIX + hash, document }
}

/** The document of a long form, with its id, and the short form as another name of the same subject. */
export function didPeer4Document(cryptography: Cryptography, did: Did): DIDDocument {
  const { document, short } = parseDidPeer4(cryptography, did)
  return { ...document, id: did, alsoKnownAs: [short] }
}

function hashOf(cryptography: Cryptography, encoded: string): string {
  return toMultibase(concat(SHA2_256, cryptography.sha256(utf8(encoded))))
}

function isJsonObject(value: unknown): value is PeerDocument {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function malformed(): MunimentError {
  return new MunimentError('ERR_MALFORMED', 'this is not the long form of a did:peer of numalgo 4')
}
