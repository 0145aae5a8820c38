import { sameBytes } from '@muniment/crypto'
import { type DeviceId, MunimentError } from '@muniment/interface'
import { type AcceptContext, heldFrame, no, storedBundle, yes } from './accept-context.ts'
import { MAX_ENTRIES_BEYOND_CUT, MAX_RIVAL_FRAMES } from './constants.ts'
import { fillHole } from './fill-hole.ts'
import { type Frame, isSameFrame, isSigned, parseFrame, withoutPayloads } from './frame.ts'
import { advanceClocks } from './header.ts'
import type { Members, ReceiveOutcome } from './log.ts'
import { EMPTY_HEAD, putFrame } from './log-state.ts'
import { type Head, headChange, proofChange, hashText, rivalChange } from './rows.ts'

/** Judges one frame against what is held, and adds what follows from it to the batch. */
export async function acceptFrame(context: AcceptContext, bundle: Uint8Array): Promise<ReceiveOutcome> {
  const frame = parsedOrNothing(context, bundle)
  if (!frame) return no('malformed', 'these bytes are not a frame')
  const filled = await fillHole(context, frame, bundle)
  if (filled) return filled
  const stranger = strangerTo(context.members, frame)
  if (stranger) return stranger
  const head = headOf(context, frame.device)
  const rival = await heldBeside(context, frame, head)
  if (rival && isSameFrame(rival, frame)) return yes(frame, false)
  if (!isSigned(context.cryptography, frame))
    return no('bad_signature', 'the frame is not signed by its device')
  if (rival) return keepRival(context, { frame, bundle, rival, head })
  if (frame.first > head.seq + 1) return keepIfBranch(context, { frame, bundle, head })
  return extend(context, { frame, bundle, head })
}

/** The refusal of a frame whose device may not write it. */
function strangerTo(
  members: Members,
  { device, first, last, headers, entries }: Frame,
): ReceiveOutcome | undefined {
  if (members.isMember(device)) return undefined
  const cut = members.cutOf?.(device)
  if (cut) {
    if (last <= cut.seq + MAX_ENTRIES_BEYOND_CUT) return undefined
    return no('removed', 'the device was removed, and enough is kept of what it wrote after that', device)
  }
  const operations = entries.flatMap((entry, index) =>
    headers[index]?.kind === 'roster' && 'payload' in entry ? [entry.payload] : [],
  )
  if (first === 1 && operations.length > 0 && members.admits?.(device, operations)) return undefined
  return no('not_a_member', 'the frame is of no device of this vault', device)
}

interface Judged {
  readonly frame: Frame
  readonly bundle: Uint8Array
  readonly head: Head
}

function parsedOrNothing(context: AcceptContext, bundle: Uint8Array): Frame | undefined {
  try {
    return parseFrame(context.cryptography, context.vault, bundle)
  } catch (error) {
    if (error instanceof MunimentError) return undefined
    throw error
  }
}

function headOf({ batch, state }: AcceptContext, device: DeviceId): Head {
  return batch.heads.get(device) ?? state.heads.get(device) ?? EMPTY_HEAD
}

/**
 * The frame held here that an honest device could not have signed beside this one, unless it is this one: it holds
 * the same entry number, or stands where this one says that another stood before it.
 */
async function heldBeside(context: AcceptContext, frame: Frame, head: Head): Promise<Frame | undefined> {
  if (frame.first <= head.seq) return heldFrame(context, frame.device, frame.first)
  const follows = frame.first === head.seq + 1
  if (!follows || head.seq === 0 || sameBytes(frame.previous, head.hash)) return undefined
  return heldFrame(context, frame.device, head.seq)
}

/** The frame continues what is held. */
function extend(context: AcceptContext, { frame, bundle, head }: Judged): ReceiveOutcome {
  const { batch, self } = context
  const before = head.clocks
  let after = before
  for (const header of frame.headers) after = advanceClocks(after, header.clocks)
  const next: Head = { ...head, seq: frame.last, hash: frame.hash, clocks: after }
  // A frame of this very device that is news to it: the store is an old copy of one that had written it.
  const own = frame.device === self ? { isRolledBack: true } : {}
  batch.heads.set(frame.device, { ...next, ...own })
  const { device, first, last, previous } = frame
  const stored = storedBundle(context, frame, bundle)
  putFrame(batch, device, { first, bundle: stored, last, previous, before, after })
  batch.changes.push(headChange(device, { ...next, ...own }))
  context.accepted.push(frame)
  return yes(frame, true)
}

/** Entries before this frame are missing here; it is kept only when it continues a branch that is kept already. */
function keepIfBranch(context: AcceptContext, judged: Judged): ReceiveOutcome {
  const { device, previous } = judged.frame
  if (rivalsOf(context, device).has(hashText(previous))) return keepRival(context, judged)
  return no('gap', 'the frames before this one are missing')
}

/** Two histories of one device: both are kept, and the proof is made of the earliest place known. */
function keepRival(context: AcceptContext, judged: Judged & { readonly rival?: Frame }): ReceiveOutcome {
  const { frame, bundle, rival, head } = judged
  const { batch } = context
  const refusal = no('fork', 'the device signed two histories of its log')
  const rivals = rivalsOf(context, frame.device)
  if (rivals.has(hashText(frame.hash))) return refusal
  const seq = Math.min(frame.first, rival?.first ?? Infinity)
  const isEarlier = rival !== undefined && seq < (head.forkedAt ?? Infinity)
  if (rivals.size < MAX_RIVAL_FRAMES || isEarlier) {
    batch.rivals.set(frame.device, new Set([...rivals, hashText(frame.hash)]))
    batch.changes.push(rivalChange(frame.device, rivals.size, storedBundle(context, frame, bundle)))
  }
  if (isEarlier) prove(context, { frame, rival, head, seq })
  return refusal
}

function prove(
  { batch, cryptography, self }: AcceptContext,
  fork: { readonly frame: Frame; readonly rival: Frame; readonly head: Head; readonly seq: number },
): void {
  const { frame, rival, head, seq } = fork
  const { device } = frame
  const forked: Head = { ...head, forkedAt: seq, ...(device === self ? { isRolledBack: true } : {}) }
  const frames = [withoutPayloads(cryptography, rival), withoutPayloads(cryptography, frame)] as const
  batch.heads.set(device, forked)
  batch.proofs.set(device, { device, seq, frames })
  batch.changes.push(headChange(device, forked), proofChange({ device, seq, frames }))
}

function rivalsOf({ batch, state }: AcceptContext, device: DeviceId): ReadonlySet<string> {
  return batch.rivals.get(device) ?? state.rivals.get(device) ?? new Set()
}
