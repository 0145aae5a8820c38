import type { SealComponents } from '@muniment/crypto'
import {
  type DataKeys,
  type DeviceId,
  type EpochId,
  MunimentError,
  type VaultId,
  type VersionVector,
} from '@muniment/interface'
import {
  ENTRY_OVERHEAD,
  FRAME_OVERHEAD,
  MAX_BODY_LENGTH,
  MAX_CLOCK_CHANGES,
  MAX_FRAME_ENTRIES,
  MAX_FRAME_LENGTH,
} from './constants.ts'
import type { EntryDraft } from './entry.ts'
import { sealPayload } from './entry-payload.ts'
import { type FrameContent, type FrameEntry, hashesOf } from './frame.ts'
import { encodeHeader, type EntryHeader } from './header.ts'
import { padmeLength, SEAL_OVERHEAD } from '@muniment/crypto'

/** An entry to be written: a draft, or the random session entry that opens a session. */
export type Writable = EntryDraft | { readonly kind: 'session'; readonly body: Uint8Array }

/** A frame ready to be signed. */
export interface UnsignedFrame extends FrameContent {
  readonly last: number
  readonly entryHashes: readonly Uint8Array[]
  readonly signed: Uint8Array
  readonly hash: Uint8Array
}

/** What building needs. */
export interface BuildComponents extends SealComponents {
  readonly dataKeys: DataKeys
}

/** Where the new frames stand: after `seq` and `previous`, in an epoch, having seen `clockChanges` more of others. */
export interface BuildPlace {
  readonly vault: VaultId
  readonly device: DeviceId
  readonly seq: number
  readonly previous: Uint8Array
  readonly epoch: EpochId
  readonly clockChanges: VersionVector
}

/** Checks drafts before anything is queued: throws `ERR_TOO_LARGE`, `ERR_INVALID_ARGUMENT` or `ERR_KEY_UNKNOWN`. */
export function checkDrafts(dataKeys: DataKeys, drafts: readonly EntryDraft[]): void {
  for (const { kind, body, key } of drafts) {
    if (body.length > MAX_BODY_LENGTH) {
      throw new MunimentError('ERR_TOO_LARGE', `an entry's body has at most ${MAX_BODY_LENGTH} bytes`)
    }
    if ((kind === 'roster') !== (key === undefined)) {
      throw new MunimentError('ERR_INVALID_ARGUMENT', 'every entry but a roster operation names its data key')
    }
    if (key !== undefined && !dataKeys.get(key)) {
      throw new MunimentError('ERR_KEY_UNKNOWN', 'the data key for this entry is not in the keyring')
    }
  }
}

/** Packs entries into as few frames as fit, in order, each chained to the one before. */
export function buildFrames(
  components: BuildComponents,
  place: BuildPlace,
  writables: readonly Writable[],
): readonly UnsignedFrame[] {
  const frames: UnsignedFrame[] = []
  const clocks = Object.entries(place.clockChanges)
  let previous = place.previous
  let first = place.seq + 1
  let entries: FrameEntry[] = []
  let length = FRAME_OVERHEAD
  const finish = (): void => {
    const content = { device: place.device, first, previous, entries }
    const hashes = hashesOf(components.cryptography, place.vault, content)
    frames.push({ ...content, last: first + entries.length - 1, ...hashes })
    previous = hashes.hash
    first += entries.length
    entries = []
    length = FRAME_OVERHEAD
  }
  for (const [index, writable] of writables.entries()) {
    const changes = clocks.splice(0, MAX_CLOCK_CHANGES)
    const entry = buildEntry(components, { ...place, seq: place.seq + 1 + index }, writable, changes)
    const size = entry.header.length + entry.payload.length + ENTRY_OVERHEAD
    if (entries.length > 0 && (length + size > MAX_FRAME_LENGTH || entries.length === MAX_FRAME_ENTRIES))
      finish()
    entries.push(entry)
    length += size
  }
  finish()
  return frames
}

function buildEntry(
  components: BuildComponents,
  { vault, device, seq, epoch }: BuildPlace,
  writable: Writable,
  clockChanges: readonly (readonly [DeviceId, number])[],
): { header: Uint8Array; payload: Uint8Array } {
  const clocks = clockChanges.length > 0 ? { clocks: Object.fromEntries(clockChanges) } : {}
  if (writable.kind === 'session' || writable.kind === 'roster') {
    const open: EntryHeader = { kind: writable.kind, seq, epoch, ...clocks, length: writable.body.length }
    return { header: encodeHeader(open), payload: writable.body }
  }
  const { kind, body, key = '' } = writable
  const dataKey = components.dataKeys.get(key)
  if (!dataKey)
    throw new MunimentError('ERR_KEY_UNKNOWN', 'the data key for this entry is not in the keyring')
  const length = padmeLength(body.length + 2) + SEAL_OVERHEAD
  const header = encodeHeader({ kind: 'sealed', seq, epoch, ...clocks, key, length })
  const place = { vault, device, headerBytes: header }
  return { header, payload: sealPayload(components, dataKey, { kind, body }, place) }
}
