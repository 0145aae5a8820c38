import { concat, fromBase64url, fromCanonical, inDomain, sameBytes, toCanonical } from '@muniment/crypto'
import { type Cryptography, type DeviceId, MunimentError, type VaultId } from '@muniment/interface'
import * as v from 'valibot'
import { ENTRY_HASH_DOMAIN, FRAME_DOMAIN, MAX_FRAME_ENTRIES, MAX_FRAME_LENGTH } from './constants.ts'
import { isFitLength } from './entry-payload.ts'
import { type EntryHeader, parseHeader } from './header.ts'

/** One entry as it stands in a frame: its payload, or only the payload's hash when that is all there is. */
export type FrameEntry =
  | { readonly header: Uint8Array; readonly payload: Uint8Array }
  | { readonly header: Uint8Array; readonly payloadHash: Uint8Array }

/** A frame without its signature: a run of entries of one device, chained to the frame before. */
export interface FrameContent {
  readonly device: DeviceId
  readonly first: number
  /** Hash of the frame before; no bytes for a device's first frame. */
  readonly previous: Uint8Array
  readonly entries: readonly FrameEntry[]
}

/** A parsed frame with what follows from its bytes. Its signature has not been checked by parsing. */
export interface Frame extends FrameContent {
  readonly last: number
  readonly signature: Uint8Array
  /** The device id's 32 bytes. */
  readonly publicKey: Uint8Array
  readonly headers: readonly EntryHeader[]
  readonly entryHashes: readonly Uint8Array[]
  /** The bytes that the signature covers. */
  readonly signed: Uint8Array
  /** SHA-256 of the signed bytes: what the next frame names as its previous. */
  readonly hash: Uint8Array
}

const HASH_LENGTH = 32

const bytes = v.custom<Uint8Array>((value) => value instanceof Uint8Array)
const bytesOf = (length: number) =>
  v.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length)

const frameSchema = v.strictObject({
  v: v.literal(1),
  device: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)),
  first: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  previous: v.union([bytesOf(HASH_LENGTH), bytesOf(0)]),
  signature: bytesOf(64),
  entries: v.pipe(
    v.array(
      v.union([
        v.strictObject({ header: bytes, payload: bytes }),
        v.strictObject({ header: bytes, payloadHash: bytesOf(HASH_LENGTH) }),
      ]),
    ),
    v.minLength(1),
    v.maxLength(MAX_FRAME_ENTRIES),
  ),
})

/** Parses and checks everything about a frame that needs neither a store nor keys, but its signature. Throws `ERR_MALFORMED`. */
export function parseFrame(cryptography: Cryptography, vault: VaultId, bundle: Uint8Array): Frame {
  if (bundle.length > MAX_FRAME_LENGTH) throw malformed('these bytes are longer than any frame')
  const parsed = v.safeParse(frameSchema, fromCanonical(bundle))
  if (!parsed.success) throw malformed('these bytes are not a frame')
  const { device, first, previous, signature, entries } = parsed.output
  if ((first === 1) !== (previous.length === 0)) throw malformed('only the first frame has none before it')
  const headers = entries.map((entry, index) => checkedHeader(entry, first + index))
  const content = { device, first, previous, entries }
  const last = first + entries.length - 1
  // Decoding is strict, so that no second spelling of a device's id passes for another device.
  const publicKey = fromBase64url(device)
  return { ...content, last, signature, publicKey, headers, ...hashesOf(cryptography, vault, content) }
}

/** What follows from a frame's content: the hashes of its entries, the bytes to sign, its own hash. */
export function hashesOf(
  cryptography: Cryptography,
  vault: VaultId,
  { device, first, previous, entries }: FrameContent,
): Pick<Frame, 'entryHashes' | 'signed' | 'hash'> {
  const entryHashes = entries.map((entry) => entryHash(cryptography, entry))
  const last = first + entries.length - 1
  const signed = inDomain(
    FRAME_DOMAIN,
    toCanonical({ vault, device, first, last, previous, entries: entryHashes }),
  )
  return { entryHashes, signed, hash: cryptography.sha256(signed) }
}

/** The bytes of a frame as they are stored and sent. */
export function encodeFrame(content: FrameContent, signature: Uint8Array): Uint8Array {
  const { device, first, previous, entries } = content
  return toCanonical({
    v: 1,
    device,
    first,
    previous,
    signature,
    entries: entries.map(plainEntry),
  })
}

function plainEntry(entry: FrameEntry): Record<string, Uint8Array> {
  return 'payload' in entry
    ? { header: entry.header, payload: entry.payload }
    : { header: entry.header, payloadHash: entry.payloadHash }
}

/** True when the device whose id the frame names signed it: the id is its Ed25519 public key. */
export function isSigned(cryptography: Cryptography, frame: Frame): boolean {
  return cryptography.verify({ algorithm: 'Ed25519', bytes: frame.publicKey }, frame.signed, frame.signature)
}

/** The same frame without its payloads: enough to prove what was signed. */
export function withoutPayloads(
  cryptography: Cryptography,
  frame: Frame,
  isDropped: (seq: number) => boolean = () => true,
): Uint8Array {
  const entries = frame.entries.map((entry, index): FrameEntry => {
    if (!('payload' in entry) || !isDropped(frame.first + index)) return entry
    return { header: entry.header, payloadHash: cryptography.sha256(entry.payload) }
  })
  return encodeFrame({ ...frame, entries }, frame.signature)
}

/** Entry hash = H(header ∥ H(payload)) (protocol rule 1): it can be checked when the payload is gone. */
function entryHash(cryptography: Cryptography, entry: FrameEntry): Uint8Array {
  const payloadHash = 'payload' in entry ? cryptography.sha256(entry.payload) : entry.payloadHash
  return cryptography.sha256(inDomain(ENTRY_HASH_DOMAIN, concat(entry.header, payloadHash)))
}

function checkedHeader(entry: FrameEntry, seq: number): EntryHeader {
  const header = parseHeader(entry.header)
  const isWhole = !('payload' in entry) || entry.payload.length === header.length
  if (header.seq !== seq || !isWhole || !isFitLength(header)) {
    throw malformed('an entry does not fit its place in the frame')
  }
  return header
}

/** True when both frames say and sign the same; payloads may be absent from either. */
export function isSameFrame(left: Frame, right: Frame): boolean {
  return sameBytes(left.hash, right.hash)
}

function malformed(message: string): MunimentError {
  return new MunimentError('ERR_MALFORMED', message)
}
