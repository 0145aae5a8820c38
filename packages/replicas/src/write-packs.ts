import type { LogFrame } from '@muniment/log'
import type { ReplicaOptions } from './components.ts'
import { CHECKPOINT_PACKS } from './constants.ts'
import { encodeContent, type FramesContent } from './content.ts'
import type { ReplicaContext } from './context.ts'
import { clearUploaded, noteUploaded } from './memory.ts'
import { objectName } from './object-name.ts'
import { joinedSpans, type PackEntry } from './pack-entry.ts'
import { packFrames, type PackedFrames } from './pack-frames.ts'
import { pool } from './prefetched.ts'
import type { ReplicaState } from './replica-state.ts'
import { fetchObject, putChecked } from './transfer.ts'
import { writeHead } from './write-head.ts'

/** What was written. */
export interface Written {
  packs: number
  bytes: number
  frames: number
  removed: number
}

/** What writing packs shares. */
export interface WriteContext {
  readonly context: ReplicaContext
  readonly state: ReplicaState
  readonly options: ReplicaOptions
  /** Packs that this device wrote and no head lists: those that are made again need no second upload. */
  readonly uploaded: Set<string>
  readonly written: Written
}

/** Writes frames as packs, a few at a time, and a head every so often, so that a cut loses little of the way. */
export async function writePacks(
  write: WriteContext,
  frames: AsyncIterable<LogFrame>,
  { onFrames, isProof = false }: WritePacksInit = {},
): Promise<void> {
  const uploads = pool()
  let sinceHead = 0
  for await (const packed of packFrames(frames)) {
    await uploads.add(async () => {
      await writePack(write, packed, isProof)
      onFrames?.(packed.frames)
    })
    if (++sinceHead < CHECKPOINT_PACKS) continue
    await uploads.drain()
    await writeCheckpoint(write)
    sinceHead = 0
  }
  await uploads.drain()
}

/** How packs are written. */
export interface WritePacksInit {
  readonly onFrames?: (frames: readonly LogFrame[]) => void
  /** See `FramesContent`. */
  readonly isProof?: boolean
}

/** Writes a head, and takes back the notes on packs that it lists. */
export async function writeCheckpoint({
  context,
  state,
  options,
  uploaded,
  written,
}: WriteContext): Promise<Uint8Array> {
  const { removed, anchor } = await writeHead(context, state, options)
  written.removed += removed
  const listed = [...uploaded].filter((name) => state.packs.has(name))
  await clearUploaded(context.components.store, context.keys.id, listed)
  for (const name of listed) uploaded.delete(name)
  return anchor.bytes
}

async function writePack(
  write: WriteContext,
  { frames, size }: PackedFrames,
  isProof: boolean,
): Promise<void> {
  const { context, state, options, uploaded, written } = write
  const { name, content } = namedPack(context, state, { frames, isProof })
  if (state.packs.has(name)) return
  // What was written before a cut is read once more: it may have been lost since, and the note is not proof.
  const isThere = uploaded.has(name) && typeof (await fetchObject(context, name, options)) !== 'string'
  if (!isThere) {
    written.bytes += await putChecked(context, { name, content, size }, options)
    written.packs++
    await noteUploaded(context.components.store, context.keys.id, name)
    uploaded.add(name)
  }
  if (!isProof) written.frames += frames.length
  const entry: PackEntry = { name, size, spans: isProof ? [] : joinedSpans(frames) }
  state.packs.set(name, entry)
  state.isChanged = true
}

/** A pack's content and its name; where a pack of that name was given up before, one more to tell them apart. */
function namedPack(
  { components, cryptography, keys, device }: ReplicaContext,
  { dropped }: ReplicaState,
  { frames, isProof }: { readonly frames: readonly LogFrame[]; readonly isProof: boolean },
): { readonly name: string; readonly content: Uint8Array } {
  for (let again = 0; ; again++) {
    const pack: FramesContent = {
      kind: 'frames',
      vault: components.log.vault,
      by: device,
      again,
      isProof,
      frames: frames.map(({ bundle }) => bundle),
    }
    const content = encodeContent(pack)
    const name = objectName(cryptography, keys, { content, isHead: false })
    if (!dropped.has(name)) return { name, content }
  }
}
