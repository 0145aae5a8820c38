import { fromCanonical, toCanonical } from '@muniment/crypto'
import { type DeviceId, MunimentError, type VaultId } from '@muniment/interface'
import * as v from 'valibot'
import { FULL_NAME_LENGTH, MAX_DROPPED, MAX_PARTS } from './constants.ts'
import { decodeEntries, encodeEntries, entriesFields, type PackEntry } from './pack-entry.ts'
import { fromHex, hex } from './hex.ts'
import { bytes, bytesOf, count, name43, sequence } from './schemas.ts'

/** Frames of any devices' logs. */
export interface FramesContent {
  readonly kind: 'frames'
  readonly vault: VaultId
  /** Who packed them: two devices never make the same pack, so that neither removes what the other lists. */
  readonly by: DeviceId
  /** Counts the times that a pack of the same frames had to be written under another name. */
  readonly again: number
  /** True for frames that prove a fork: they stand beside the logs and fill no gap in them. */
  readonly isProof: boolean
  readonly frames: readonly Uint8Array[]
}

/** A list of packs. */
export interface IndexContent {
  readonly kind: 'index'
  readonly vault: VaultId
  /** 16 random bytes: an index with the entries of one that was given up has another name. */
  readonly salt: Uint8Array
  readonly entries: readonly PackEntry[]
}

/** A part of a keyring. */
export interface PartContent {
  readonly kind: 'part'
  readonly vault: VaultId
  readonly index: number
  readonly count: number
  readonly bytes: Uint8Array
}

/** How far replication has come, without its signature: see head.ts. */
export interface HeadContent {
  readonly kind: 'head'
  readonly vault: VaultId
  readonly author: DeviceId
  /** What the author's log held. */
  readonly heads: Readonly<Record<DeviceId, { readonly seq: number; readonly hash: Uint8Array }>>
  /** The newest anchor of each device that has written here. */
  readonly anchors: readonly Uint8Array[]
  /** Packs that are in no index yet. */
  readonly entries: readonly PackEntry[]
  readonly indexes: readonly string[]
  /** Keyrings, each as the names of its parts in order. */
  readonly keyrings: readonly (readonly string[])[]
  /** Objects given up: nobody lists them again. */
  readonly dropped: readonly string[]
  /** Objects given up and not removed yet. */
  readonly doomed: readonly string[]
  readonly signature: Uint8Array
}

/** What an object holds. */
export type Content = FramesContent | IndexContent | PartContent | HeadContent

const MAX_KEYRINGS = 64
const nameList = v.array(bytesOf(FULL_NAME_LENGTH))
const common = { v: v.literal(1), vault: name43 }
const schema = v.variant('kind', [
  v.strictObject({
    ...common,
    kind: v.literal('frames'),
    by: name43,
    again: count,
    isProof: v.boolean(),
    frames: v.array(bytes),
  }),
  v.strictObject({ ...common, kind: v.literal('index'), salt: bytesOf(16), ...entriesFields }),
  v.strictObject({
    ...common,
    kind: v.literal('part'),
    index: v.pipe(count, v.maxValue(MAX_PARTS - 1)),
    count: v.pipe(sequence, v.maxValue(MAX_PARTS)),
    bytes,
  }),
  v.strictObject({
    ...common,
    kind: v.literal('head'),
    author: name43,
    heads: v.record(
      v.pipe(v.string(), v.regex(/^[\w-]{43}$/)),
      v.strictObject({ seq: sequence, hash: bytesOf(FULL_NAME_LENGTH) }),
    ),
    anchors: v.array(bytes),
    ...entriesFields,
    indexes: nameList,
    keyrings: v.pipe(v.array(nameList), v.maxLength(MAX_KEYRINGS)),
    dropped: v.pipe(nameList, v.maxLength(MAX_DROPPED)),
    doomed: nameList,
    signature: bytesOf(64),
  }),
])

/** Encodes content; what is listed by name or device is made shorter. */
export function encodeContent(content: Content): Uint8Array {
  if (content.kind === 'frames' || content.kind === 'part') return toCanonical({ v: 1, ...content })
  const lists = encodeEntries(content.entries)
  if (content.kind === 'index') return toCanonical({ v: 1, ...content, ...lists })
  return toCanonical({
    v: 1,
    ...content,
    ...lists,
    indexes: content.indexes.map(fromHex),
    keyrings: content.keyrings.map((parts) => parts.map(fromHex)),
    dropped: content.dropped.map(fromHex),
    doomed: content.doomed.map(fromHex),
  })
}

/** Decodes what {@link encodeContent} made; throws `ERR_MALFORMED`. */
export function decodeContent(encoded: Uint8Array): Content {
  const parsed = v.safeParse(schema, fromCanonical(encoded))
  if (!parsed.success) throw new MunimentError('ERR_MALFORMED', 'these bytes are no content of a replica')
  const { v: _, ...content } = parsed.output
  if (content.kind === 'frames' || content.kind === 'part') return content
  const { devices, ...rest } = content
  const entries = decodeEntries({ devices, entries: content.entries })
  if (rest.kind === 'index') return { ...rest, entries }
  return {
    ...rest,
    entries,
    indexes: rest.indexes.map(hex),
    keyrings: rest.keyrings.map((parts) => parts.map(hex)),
    dropped: rest.dropped.map(hex),
    doomed: rest.doomed.map(hex),
  }
}
