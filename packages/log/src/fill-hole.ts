import { sameBytes } from '@muniment/crypto'
import { type AcceptContext, heldFrame, no, storedBundle, yes } from './accept-context.ts'
import { type Frame, isSigned } from './frame.ts'
import { advanceClocks } from './header.ts'
import { type Hole, holesChange, holeWith, withoutFilled } from './holes.ts'
import type { ReceiveOutcome } from './log.ts'
import { EMPTY_HEAD } from './log-state.ts'
import { frameChange, type PlacedFrameRow, readFrameWith } from './rows.ts'

/**
 * Takes in a frame that the disk had lost; nothing for a frame that is of no hole. It has to be signed, to follow the frame
 * before it, and, where it is the last one of the hole, to be the one that the next frame or the head names. Frames come in
 * order: one whose predecessor is lost too is a `gap`.
 */
export async function fillHole(
  context: AcceptContext,
  frame: Frame,
  bundle: Uint8Array,
): Promise<ReceiveOutcome | undefined> {
  const { batch, state } = context
  const { device } = frame
  const holes = batch.holes.get(device) ?? state.holes.get(device) ?? []
  const hole = holeWith(holes, frame.first)
  if (!hole) return undefined
  const before = await rowBefore(context, frame, holes)
  const refusal = await whyNot(context, { frame, hole, before })
  if (refusal || typeof before === 'string') return refusal
  putBack(context, { frame, bundle: storedBundle(context, frame, bundle), before, holes })
  return yes(frame, true)
}

type Before = PlacedFrameRow | 'lost' | 'other' | undefined

async function whyNot(
  context: AcceptContext,
  { frame, hole, before }: { readonly frame: Frame; readonly hole: Hole; readonly before: Before },
): Promise<ReceiveOutcome | undefined> {
  const { cryptography, members } = context
  if (!isSigned(cryptography, frame)) return no('bad_signature', 'the frame is not signed by its device')
  if (before === 'lost') return no('gap', 'the frames before this one are missing')
  if (before === 'other' || !(await fitsEnd(context, frame, hole)))
    return no('fork', 'the device signed two histories of its log')
  const isProved = frame.last === hole.last
  if (isProved || members.isMember(frame.device)) return undefined
  return no('not_a_member', 'the frame is of no device of this vault')
}

function putBack(
  { batch, accepted }: AcceptContext,
  {
    frame,
    bundle,
    before,
    holes,
  }: {
    readonly frame: Frame
    readonly bundle: Uint8Array
    readonly before: PlacedFrameRow | undefined
    readonly holes: readonly Hole[]
  },
): void {
  const { device, first, last, previous } = frame
  const clocks = before?.after ?? {}
  let after = clocks
  for (const header of frame.headers) after = advanceClocks(after, header.clocks)
  const row: PlacedFrameRow = { first, last, previous, before: clocks, after, bundle }
  const rest = withoutFilled(holes, { first, last })
  batch.changes.push(frameChange(device, row), holesChange(device, rest))
  batch.holes.set(device, rest)
  batch.filled.set(device, row)
  accepted.push(frame)
}

/** The row of the frame before; `lost` when it is not there, `other` when this frame follows another one. */
async function rowBefore(
  context: AcceptContext,
  { device, first, previous }: Frame,
  holes: readonly Hole[],
): Promise<Before> {
  if (first === 1) return undefined
  if (holeWith(holes, first - 1)) return 'lost'
  const filled = context.batch.filled.get(device)
  const row = filled?.last === first - 1 ? filled : await readFrameWith(context.store, device, first - 1)
  if (row?.last !== first - 1) return 'other'
  const { hash } = await heldFrame(context, device, first - 1)
  return sameBytes(hash, previous) ? row : 'other'
}

/** True unless the frame ends the hole and what comes after says that another one stood there. */
async function fitsEnd(context: AcceptContext, frame: Frame, hole: Hole): Promise<boolean> {
  const { device, last, hash } = frame
  if (last < hole.last) return true
  if (last > hole.last) return false
  const head = context.batch.heads.get(device) ?? context.state.heads.get(device) ?? EMPTY_HEAD
  if (last === head.seq) return sameBytes(head.hash, hash)
  const next = await readFrameWith(context.store, device, last + 1)
  return next !== undefined && next.first === last + 1 && sameBytes(next.previous, hash)
}
